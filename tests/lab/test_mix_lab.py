"""The lab's mix: phrases, the table of trims and its file, FluidSynth's law of volume, the sounds as they are heard."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import mido
import numpy as np
import pytest

import sideman
from sideman.music.drumkit import voice_of
from sideman.music.mix import volume
from sideman.music.sound_trims import FONT, TRIMS
from sideman.service import synth_command
from sideman.service.settings import Settings
from sideman_lab import cli
from sideman_lab.mix import phrases, synth, takes, trims

HERE = shutil.which("fluidsynth") is not None and any(
    Path(each).is_file() and Path(each).resolve().name == FONT for each in synth_command.FONTS
)
sounding = pytest.mark.skipif(not HERE, reason="apt-get install fluidsynth fluid-soundfont-gm")


def test_a_phrase_is_the_same_every_time_and_in_its_part_s_range():
    for part, phrase in phrases.PHRASES.items():
        notes = phrase()
        assert notes == phrase()
        assert notes != phrase(phrases.SEED + 1)
        assert all(1 <= velocity <= 127 for *_, velocity in notes)
        if part == "drums":
            assert len({voice_of(pitch) for _, _, pitch, _ in notes}) == 9
    assert all(28 <= pitch <= 50 for _, _, pitch, _ in phrases.bass())
    assert all(60 <= pitch <= 84 for _, _, pitch, _ in phrases.lead())
    assert min(pitch for _, _, pitch, _ in phrases.chords()) == 48


def test_each_slot_has_its_setup_before_its_notes(tmp_path):
    phrases.write(tmp_path / "x.mid", [(0.0, 1.0, 60, 80)], 3, [[bytes((0xC3, 5))], [bytes((0xC3, 6))]])
    file = mido.MidiFile(tmp_path / "x.mid")
    now, seen = 0.0, []
    for message in file:
        now += message.time
        if not message.is_meta:
            seen.append((round(now, 3), message.type))
    slot = phrases.SLOT_S
    once = [(0.0, "program_change"), (0.0, "note_on"), (0.5, "note_off"), (slot - 0.1, "control_change")]
    assert seen == [*once, *((at + slot, kind) for at, kind in once)]


def test_a_trim_is_what_a_program_lacks_within_limits():
    low, high = trims.LIMITS
    reference = trims.REFERENCE
    assert trims.trims_of([reference, reference + 3.04, reference - 50, reference + 60]) == (0.0, -3.0, 0.0, low)
    assert trims.trims_of([reference - 9]) == (high,)


def test_the_package_s_table_is_what_the_command_writes():
    path = Path(sideman.__file__).parent / trims.TABLE
    assert path.read_text(encoding="utf-8") == trims.module(TRIMS, FONT)


def test_without_a_synthesiser_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(synth_command, "FONTS", ())
    monkeypatch.setattr(synth_command.font, "__defaults__", ((), Path("/proc/meminfo")))
    assert cli.main(["loudness"]) == 1
    assert "apt install fluid-soundfont-gm" in capsys.readouterr().err


def test_a_stem_is_one_part_with_the_take_s_tempo(tmp_path):
    tempo = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=400_000)])
    tracks = [
        mido.MidiTrack([mido.MetaMessage("track_name", name=name), mido.Message("note_on", note=pitch, velocity=9)])
        for name, pitch in (("bass", 40), ("solo", 70))
    ]
    mido.MidiFile(type=1, ticks_per_beat=960, tracks=[tempo, *tracks]).save(str(tmp_path / "take.mid"))
    assert takes.stem(tmp_path / "take.mid", "solo", tmp_path / "stem.mid")
    found = mido.MidiFile(tmp_path / "stem.mid")
    assert found.ticks_per_beat == 960
    assert [m.tempo for m in found.tracks[0] if m.type == "set_tempo"] == [400_000]
    assert [m.note for track in found.tracks for m in track if m.type == "note_on"] == [70]
    assert not takes.stem(tmp_path / "take.mid", "drums", tmp_path / "stem.mid")


def test_the_summary_names_what_misses_its_target():
    def stems(drums, solo, peak=-3.0):
        lufs = {"drums": drums, "bass": -30.0, "chords": -31.0, "player": -30.0, "solo": solo, "mix": -23.0}
        return {part: synth.Heard(each, peak) for part, each in lufs.items()}

    even = {"solo": {"0": -30.0, "1": -31.0}}
    good = takes.summary({"rock": stems(-29.0, -29.0), "rock, demo": stems(-29.0, -40.0)}, even)
    assert (good["bed_spread"], good["solo_over_player"], good["missed"]) == (2.0, [1.0, 1.0], [])
    bad = takes.summary({"rock": stems(-26.0, -22.0, 0.5)}, {"solo": {"0": -30.0, "1": -21.0}})
    assert bad["missed"] == ["bed_spread", "solo_over_player", "sounds of solo", "peak"]


@sounding
def test_controller_7_is_40_log10_and_the_velocity_stays_out_of_it(tmp_path):
    setups = [[bytes((0xC3, 0)), bytes((0xB3, 91, 0)), bytes((0xB3, 7, value))] for value in (100, 50)]
    phrases.write(tmp_path / "x.mid", phrases.lead(), 3, setups)
    samples = synth.rendered(tmp_path / "x.mid")
    slot = round(phrases.SLOT_S * synth.RATE)
    loud, soft = (float(np.sqrt(np.mean(samples[at : at + slot - synth.RATE] ** 2))) for at in (0, slot))
    assert 20 * math.log10(loud / soft) == pytest.approx(40 * math.log10(2), abs=0.1)


@sounding
@pytest.mark.parametrize("part", ["bass", "chords", "solo", "drums"])
def test_sounds_that_lay_far_apart_are_equally_loud(part):
    pytest.importorskip("pyloudnorm", reason=synth.HOW)
    values = TRIMS[part]
    far = sorted(takes.CHOICES.get(part, takes.KITS), key=values.__getitem__)
    found, raw = [], []
    for program in (far[0], far[-1]):
        (lufs,) = trims.programs(part, synth.font(), range(program, program + 1), volume(part, program, 100), 3)
        found.append(lufs)
        (lufs,) = trims.programs(part, synth.font(), range(program, program + 1), 100, 3)
        raw.append(lufs)
    assert abs(raw[0] - raw[1]) > 4
    assert abs(found[0] - found[1]) <= 2


@sounding
def test_a_whole_take_has_its_bed_together_and_does_not_clip(tmp_path):
    pytest.importorskip("pyloudnorm", reason=synth.HOW)
    takes.melody(tmp_path / "melody.mid", 2)
    found = takes.summary({"funk": takes.take(tmp_path / "melody.mid", Settings(), "funk")}, {})
    assert found["missed"] == []

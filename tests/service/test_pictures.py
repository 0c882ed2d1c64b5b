"""The pictures of a jam: they hold what was shown and played, and stay small."""

import json
import shutil
from dataclasses import replace

import pytest
from PIL import Image

from sideman.edges.osc_encode import Encoder
from sideman.jam.cues import BeatCue, NoteAhead, NoteSounds
from sideman.jam.states import State
from sideman.music.meter import parse_meter
from sideman.service.pictures import docs, jam_files
from sideman.service.pictures.demo import demo_data
from sideman.service.pictures.examples import ALL, NOW_NS, QUARTER_NS, STATES
from sideman.service.pictures.roll import COLOURS, SPANS, RollData, piano_roll

S = 1_000_000_000


def test_gif_of_a_minute_is_small_and_lasts_a_minute(tmp_path):
    beats = [
        replace(
            STATES["playing"],
            ns=n * QUARTER_NS,
            beat=n % 4 + 1,
            bar=n // 4 % 4 + 1,
            beat_phase=0.0,
            shown=f"PLAY {n // 4 % 4 + 1}.{n % 4 + 1}",
        )
        for n in range(96)
    ]
    path = tmp_path / "oled.gif"
    assert jam_files.oled_gif([*beats, NoteSounds(0, "bass", 1, 40, 1)], path) > 300
    assert path.stat().st_size < 3_000_000
    with Image.open(path) as gif:
        assert gif.size == (256, 128)
        total = 0
        for index in range(gif.n_frames):
            gif.seek(index)
            total += gif.info["duration"]
    assert total == pytest.approx(60_000, abs=1500)


def test_gif_joins_equal_pictures(tmp_path):
    still = [replace(STATES["idle"], ns=n * S) for n in range(30)]
    assert jam_files.oled_gif(still, tmp_path / "still.gif") == 1
    assert jam_files.oled_gif([], tmp_path / "none.gif") == 0
    assert not (tmp_path / "none.gif").exists()


def test_osc_file_says_what_osc_would(tmp_path):
    items = [STATES["playing"], BeatCue(NOW_NS + S, 3, 3), NoteAhead(NOW_NS + S, "drums", 9, 36, 100, S)]
    path = tmp_path / "osc.jsonl"
    number = jam_files.osc_jsonl(items, path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    encoder = Encoder()
    expected = [message for item in items for message in encoder.encode(item, NOW_NS)]
    assert len(lines) == number == len(expected)
    assert sorted(line["address"] for line in lines) == sorted(message.address for message in expected)
    note = next(line for line in lines if line["address"] == "/sideman/note")
    assert (note["at_s"], note["due_s"]) == (0.0, 1.0)
    assert next(line for line in lines if line["address"] == "/jam/beat")["at_s"] == 1.0


def test_roll_shows_every_part(tmp_path):
    demo = demo_data()
    loud = {part: [(*note[:3], 127) for note in notes] for part, notes in demo.notes.items()}
    width, height = piano_roll(replace(demo, notes=loud), tmp_path / "roll.png")
    assert width >= 1600
    with Image.open(tmp_path / "roll.png") as image:
        assert image.size == (width, height)
        pixels = image.convert("RGB").tobytes()
    seen = {pixels[i : i + 3] for i in range(0, len(pixels), 3)}
    for part, colour in COLOURS.items():
        assert bytes(colour) in seen, part


@pytest.mark.parametrize(
    "data",
    [
        RollData({}),
        RollData({"player": [(-500, 10, 60, 1)]}, origin=0, meter=parse_meter("7/8 2+2+3")),
        RollData(
            {"tuba": [(0, 1, 0, 127), (4_000_000, 1, 127, 1)]}, ((0, 4, "N"), (4, 4, "what")), ((0, 0, "commit"),)
        ),
    ],
)
def test_odd_rolls_are_drawn(tmp_path, data):
    assert piano_roll(data, tmp_path / "roll.png")[0] >= 1600


def test_no_synth_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(jam_files.shutil, "which", lambda _name: None)
    said = jam_files.render_ogg(tmp_path / "take.mid", tmp_path / "take.ogg")
    assert "apt-get install" in said
    assert "\n" not in said


def test_a_synth_that_fails_leaves_no_file(tmp_path, monkeypatch):
    program = tmp_path / "fluidsynth"
    program.write_text("#!/bin/sh\necho no such thing >&2\nexit 3\n")
    program.chmod(0o755)
    font = tmp_path / "font.sf2"
    font.touch()
    monkeypatch.setenv("SIDEMAN_SOUNDFONT", str(font))
    monkeypatch.setattr(jam_files.shutil, "which", lambda _name: str(program))
    assert "no such thing" in jam_files.render_ogg(tmp_path / "take.mid", tmp_path / "take.ogg")
    assert not (tmp_path / "take.ogg").exists()


@pytest.mark.skipif(not shutil.which("fluidsynth") or not jam_files.soundfont(), reason=jam_files.HOW_TO_HEAR)
def test_a_take_is_heard(tmp_path):
    import mido

    file = mido.MidiFile()
    file.tracks.append(
        mido.MidiTrack([mido.Message("note_on", note=60, velocity=100), mido.Message("note_off", note=60, time=480)])
    )
    file.save(tmp_path / "take.mid")
    assert jam_files.render_ogg(tmp_path / "take.mid", tmp_path / "take.ogg") == ""
    assert (tmp_path / "take.ogg").read_bytes()[:4] == b"OggS"


def test_docs_command_writes_the_sheets(tmp_path):
    docs.main(["--out", str(tmp_path), "--golden", str(tmp_path / "golden")])
    assert (tmp_path / "oled-states.png").exists()
    assert len(list((tmp_path / "golden").glob("*.png"))) == len(ALL)


def test_every_state_has_a_colour_of_its_own():
    assert {state.value.lower() for state in State} == set(SPANS)
    assert len(set(SPANS.values())) == len(SPANS)


@pytest.mark.parametrize("ticks", [8000, 2500, 1000, 300])
def test_a_span_has_its_name_however_short(tmp_path, ticks):
    def picture(name):
        spans = ((0, 30720, "PLAYING"), (30720, 30720 + ticks, name), (30720 + ticks, 61440, "PLAYING"))
        piano_roll(RollData({"bass": ((0, 61440, 40, 90),)}, spans=spans), tmp_path / "roll.png")
        with Image.open(tmp_path / "roll.png") as image:
            return image.convert("L").crop((0, 30, 1300, 88))  # without the legend

    named, nameless = picture("ENDING"), picture("")
    faces = [len({image.getpixel((x, y)) for x in range(840, 1060) for y in range(58)}) for image in (named, nameless)]
    assert faces[0] > faces[1] + 10

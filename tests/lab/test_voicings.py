"""The measure of voice leading: what it counts, and that led voices travel less than root position."""

import json

import mido
import pytest

from sideman.music.chords import parse_chord
from sideman_lab import voicings


def piece(labels, pitch=74):
    chords = [[i * 16, 16, label] for i, label in enumerate(labels)]
    return {"id": "made-up", "meter": [4, 4], "melody": [[0, 16 * len(labels), pitch]], "chords": chords}


def test_travel_is_counted_a_voice():
    assert voicings.travelled((48, 52, 55), (48, 53, 57)) == 1.0
    assert voicings.travelled((60, 64, 67), (60, 64, 67)) == 0.0
    assert voicings.travelled((60, 64, 67), (60, 64, 67, 70)) == pytest.approx(3 / 3.5 / 2, abs=0.2)


def test_led_voices_travel_less_than_root_position_and_keep_their_common_tones():
    rows = voicings.measured([piece(["C:maj", "A:min", "F:maj", "G:7", "C:maj", "E:min", "A:min", "D:min7"])])
    found = {name: row.figures() for name, row in rows.items()}
    for shape in voicings.SHAPES:
        mine, other = found[shape], found[f"{shape}, root position"]
        assert mine["cost"][0] <= other["cost"][0]
        assert mine["common_tones_kept"][0] >= other["common_tones_kept"][0]
        assert mine["outside_window"][0] == 0
    assert found["close"]["cost"][0] < 0.5 * found["seed (RJ16)"]["cost"][0]
    assert found["close"]["common_tones_kept"][0] > 0.9


def test_the_seed_stacks_from_the_octave_of_c3():
    assert voicings.seed_position(parse_chord("A:min")) == (57, 60, 64)
    assert voicings.seed_position(parse_chord("C:maj7")) == (48, 52, 55, 59)


def written(path, **parts):
    file = mido.MidiFile(ticks_per_beat=480)
    for name, notes in parts.items():
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        events = [(on, "note_on", pitch) for on, _, pitch in notes] + [(off, "note_off", p) for _, off, p in notes]
        now = 0
        for tick, kind, pitch in sorted(events, key=lambda e: (e[0], e[1] == "note_on")):
            track.append(mido.Message(kind, note=pitch, velocity=64, time=tick - now))
            now = tick
        file.tracks.append(track)
    file.save(path)


def test_collisions_of_a_take_are_counted(tmp_path):
    hand = [(bar * 1920, bar * 1920 + 1900, p) for bar in range(2) for p in (50 + bar, 55, 59)]
    written(tmp_path / "a.mid", drums=[(0, 100, 36)], chords=hand, bass=[(0, 900, 36), (1920, 2900, 51)],
            player=[(0, 480, 60), (1920, 2400, 72)])  # fmt: skip
    written(tmp_path / "lead.mid", chords=[(0, 900, p) for p in (36, 40, 43)])
    row, found = voicings.take_rows(sorted(tmp_path.glob("*.mid")))
    assert row.cost == [pytest.approx(1 / 3)]
    assert min(row.pitches) == 50
    assert (found["bars_with_bass_and_hand"], found["bars_where_they_cross"]) == (2, 1)
    assert found["notes_of_the_hand"] == 6
    assert found["a_semitone_from_player_or_soloist"] == pytest.approx(1 / 6, abs=1e-3)


def test_the_command_prints_every_row(monkeypatch, tmp_path, capsys):
    ids = {"id": "pop909-011"}
    monkeypatch.setattr(voicings, "read", lambda _: iter([piece(["C:maj", "F:maj", "G:maj", "C:maj"]) | ids]))
    assert voicings.main([str(tmp_path), "--json"]) == 0
    assert set(voicings.SHAPES) < set(json.loads(capsys.readouterr().out))
    assert voicings.main([str(tmp_path)]) == 0
    assert "seed (RJ16)" in capsys.readouterr().out

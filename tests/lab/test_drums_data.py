from __future__ import annotations

import csv
import json
import tarfile

import mido
import numpy as np
import pytest

from sideman.models.drum_features import POSITION, STYLES, VOICES, feel_of, positions
from sideman.music.drumkit import PADS
from sideman.music.meter import Meter
from sideman_lab.data import gmd
from sideman_lab.drums import dump
from sideman_lab.drums.batches import Windows, accents_of, bass_from, one_hot, synthetic
from sideman_lab.drums.play import Played
from sideman_lab.drums.windows import split_of

FIELDS = (
    "drummer",
    "session",
    "id",
    "style",
    "bpm",
    "beat_type",
    "time_signature",
    "midi_filename",
    "duration",
    "split",
)


def midi(hits, ticks_per_beat=480):
    """A file of (ticks, pitch, velocity) strokes."""
    track, now = mido.MidiTrack(), 0
    for tick, pitch, velocity in sorted(hits):
        track.append(mido.Message("note_on", channel=9, note=pitch, velocity=velocity, time=tick - now))
        track.append(mido.Message("note_on", channel=9, note=pitch, velocity=0, time=0))
        now = tick
    return mido.MidiFile(type=0, ticks_per_beat=ticks_per_beat, tracks=[track])


def two_bars(late=12):
    strokes = [(step * 120, 42, 60) for step in range(0, 32, 2)]
    strokes += [(step * 120 + late, 36, 100) for step in (0, 8, 16, 24)]
    return strokes + [(step * 120, 38, 110) for step in (4, 12, 20, 28)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDEMAN_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "gmd"
    (root / "drummer1").mkdir(parents=True)
    with (root / "info.csv").open("w", newline="") as lines:
        table = csv.DictWriter(lines, FIELDS)
        table.writeheader()
        for name, split in (("a", "train"), ("b", "validation")):
            file = f"drummer1/{name}.mid"
            midi(two_bars()).save(root / file)
            table.writerow(
                {
                    "drummer": "drummer1",
                    "style": "funk/groove1",
                    "bpm": 100,
                    "beat_type": "beat",
                    "time_signature": "4-4",
                    "midi_filename": file,
                    "split": split,
                }
            )
    return root


def test_hits_velocities_and_offsets_late_positive():
    grid = gmd.grid_of(midi(two_bars(late=30)), Meter())
    assert grid.shape == (32, VOICES, 3)
    assert grid[8, 0] == pytest.approx([1, 100 / 127, 0.25])
    assert grid[4, 1, 0] == 1
    assert grid[..., 0].sum() == 24


def test_the_loudest_stroke_of_a_step_is_kept():
    grid = gmd.grid_of(midi([*two_bars(), (10, 36, 127), (20, 36, 50)]), Meter())
    assert grid[0, 0] == pytest.approx([1, 1, 10 / 120])


def test_an_early_stroke_belongs_to_the_next_step():
    grid = gmd.grid_of(midi([*two_bars(), (16 * 120 - 30, 49, 90)]), Meter())
    assert grid[16, 7] == pytest.approx([1, 90 / 127, -0.25])


def test_every_pad_of_the_kit_has_a_voice():
    grid = gmd.grid_of(midi([(step * 120, pitch, 90) for step, pitch in enumerate(sorted(PADS))]), Meter())
    assert grid[..., 0].sum() == len(grid) if len(grid) <= len(PADS) else len(PADS)


def test_tree_archive_and_cache_agree(folder):
    from_tree = gmd.parse(folder)
    stored = gmd.load(folder)
    again = gmd.load(folder)
    with tarfile.open(folder / "gmd.tar.gz", "w:gz") as tar:
        tar.add(folder / "drummer1", "gmd/drummer1")
    from_archive = gmd.parse(folder)
    assert [p.name for p in from_tree] == ["drummer1/a.mid", "drummer1/b.mid"]
    for other in (stored, again, from_archive):
        for one, two in zip(from_tree, other, strict=True):
            assert (one.name, one.style, one.bpm, one.meter, one.split) == (
                two.name,
                two.style,
                two.bpm,
                two.meter,
                two.split,
            )
            assert np.array_equal(one.grid, two.grid)


def test_a_folder_without_the_table_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="no info"):
        gmd.parse(tmp_path)


def test_rows_keep_apart(folder):
    performances = gmd.load(folder)
    assert split_of(performances, "validation").names == ("drummer1/b.mid",)
    with pytest.raises(FileNotFoundError, match="train and validation"):
        split_of(performances, "test")


def test_windows_hop_one_bar():
    grid = np.zeros((80, VOICES, 3), np.float32)
    one = gmd.Performance("x", "d", "rock", 100.0, "beat", Meter(), "train", grid)
    assert [start for start, _ in one.windows()] == [0, 16, 32, 48]


def test_batches_hide_what_is_not_given():
    windows = Windows(synthetic(3, 1, gmd.Performance), 1)
    for _ in range(20):
        x, truth, ask, clear = windows.batch(8)
        assert x.shape[:2] == truth.shape[:2]
        assert set(np.unique(ask)) <= {0, 1}
        assert set(np.unique(clear)) <= {0, 1}
        given = 1 - ask[:, 0]
        assert np.array_equal(x[..., :9], truth[..., 0] * given[:, None])
        assert np.isfinite(x).all()


def test_the_simulated_bass_goes_with_the_kick():
    rng = np.random.default_rng(0)
    grid = np.zeros((200, 32, VOICES, 3), np.float32)
    grid[:, ::8, 0] = (1, 0.8, 0)
    bass = bass_from(grid, rng)[..., 0]
    assert bass[:, ::8].mean() > 0.75
    assert 0 < bass.mean() - bass[:, ::8].mean() / 8 < 0.05


def test_accents_stand_out():
    grid = np.zeros((32, VOICES, 3), np.float32)
    grid[:, 2] = (1, 0.4, 0)
    grid[5, 2] = (1, 0.9, 0)
    assert np.flatnonzero(accents_of(grid)[:, 0]).tolist() == [5]


def test_styles_and_feel_have_their_shapes():
    assert one_hot("jazz").sum() == one_hot("jazz")[STYLES.index("jazz")] == 1
    where = positions(Meter(), 32)
    assert where.shape == (32, POSITION)
    assert feel_of(np.zeros((5, 32, 3), np.float32), where).shape == (5, 8)


def test_a_dump_can_be_read_back(folder, tmp_path):
    split = split_of(gmd.load(folder), "validation")
    assert dump.write(tmp_path / "out", Played({("tap", 0): split.grid}), split) == 1
    row = json.loads((tmp_path / "out" / "index.jsonl").read_text())
    assert row["reference"] == "drummer1/b.mid"
    back = gmd.grid_of(mido.MidiFile(tmp_path / "out" / row["file"]), Meter())
    assert np.array_equal(back[..., 0], split.grid[0, ..., 0])
    assert np.abs(back - split.grid[0]).max() < 0.01

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.models.library import load
from sideman_lab import cli
from sideman_lab.chords.knob_table import KNOBS
from sideman_lab.chords.knobs import MUST, ranks, spearman, turn
from sideman_lab.chords.piece import frame_piece
from sideman_lab.synthetic import lead_sheets

SCALE = (0, 2, 4, 5, 7, 9, 11)
WANDERING = {"cadence": (16, 16, 0.9), "form length": (12, 32, 0.25), "key lock, no key set": (4, 12, 0.6)}
"""Simple tunes come home, keep to their key and have a form by themselves: for these knobs so many lines of so many bars
that do not, with so many foreign notes."""
SATURATES = frozenset({"cadence"})
"""Its middle wins all that there is to win on such lines (on POP909's songs not quite: ``evaluate knobs --knob cadence``):
from there on it may stand still, but never turn back."""
LONG = {"temperature": 8, "complexity": 4, "style": 8}
"""What these knobs do shows over so many longer tunes, not over the two of eight bars that do for the others."""


def wandering(seed, bars, foreign):
    """A line that walks about a key, a share of its notes moved off it: the chords are not to be found at once."""
    rng = np.random.default_rng(seed)
    key, step, at, melody = int(rng.integers(12)), 14, 0, []
    while at < 16 * bars:
        step = int(np.clip(step + rng.integers(-2, 3), 7, 21))
        size = int(rng.choice((2, 2, 4, 4, 8)))
        off = int(rng.integers(-1, 2)) if rng.random() < foreign else 0
        melody.append([at, size, 48 + key + 12 * (step // 7) + SCALE[step % 7] + off])
        at += size
    raw = {"id": f"walk-{seed}", "meter": [4, 4], "melody": melody, "chords": [[0, 16 * bars, "C:maj"]]}
    return frame_piece(raw, 16 * bars)


@pytest.fixture(scope="module")
def graph():
    return load("chords")


def test_ranks_share_what_is_equal():
    assert ranks([3.0, 1.0, 3.0, 7.0]).tolist() == [1.5, 0.0, 1.5, 3.0]


def test_spearman_by_hand():
    assert spearman([1, 2, 3, 4, 5], [1, 2, 4, 3, 5]) == pytest.approx(0.9)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 2, 3], [5, 5, 5]) == 0.0


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9, unique=True))
def test_only_the_order_counts(values):
    assert spearman(values, np.arctan(np.array(values) / 1e3).round(12)) == pytest.approx(
        spearman(values, np.arctan(np.array(values) / 1e3).round(12) * 7 + 1)
    )
    assert spearman(values, values) == pytest.approx(1)


def test_every_knob_has_at_least_four_settings_and_a_figure_of_its_own():
    for knob in KNOBS:
        assert len(knob.settings) >= 4
        assert knob.figure
    assert len({k.name for k in KNOBS}) == len(KNOBS)


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_every_knob_moves_its_figure_one_way(graph, knob):
    if knob.name in WANDERING:
        count, bars, foreign = WANDERING[knob.name]
        pieces = [wandering(seed, bars, foreign) for seed in range(count)]
    elif knob.name in LONG:
        pieces = [frame_piece(raw, 192) for raw in lead_sheets(LONG[knob.name], seed=3)]
    else:
        pieces = [frame_piece(raw, 128) for raw in lead_sheets(2, seed=3)]
    turned = turn(graph, pieces, knob)
    assert turned.n > 0
    if knob.name in SATURATES:
        middle = len(turned.figures) // 2
        assert list(turned.figures) == sorted(turned.figures)
        assert len(set(turned.figures[: middle + 1])) == middle + 1
        return
    assert turned.rho >= MUST, turned.figures


def test_the_command_prints_one_object(tmp_path, capsys):
    file = tmp_path / "p.jsonl"
    file.write_text("".join(json.dumps(raw) + "\n" for raw in lead_sheets(2)), encoding="utf-8")
    words = ["evaluate", "knobs", "--pieces", str(file), "--frames", "96", "--knob", "silence", "--json"]
    assert cli.main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pieces"] == 2
    assert found["knobs"]["silence"]["rho"] == 1.0

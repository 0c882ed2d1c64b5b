"""Comping rows: every style in every meter, by its grouping, varied by bar, thinner for a busy player."""

from itertools import pairwise

import pytest

from sideman.jam.options import STYLES
from sideman.music.comping import CALM, SPARSE, groups_of, pattern
from sideman.music.comping_styles import FAMILIES, OF_STYLE, family
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter

METERS = tuple(
    parse_meter(text)
    for text in (
        "4/4", "3/4", "2/4", "2/2", "5/4", "6/4", "16/4", "6/8", "9/8", "12/8", "7/8 2+2+3", "7/8 3+2+2", "5/8",
        "9/8 2+2+2+3", "11/16", "16/16", "13/16", "2/16",
    )
)  # fmt: skip
FOUR = Meter()


@pytest.mark.parametrize("name", FAMILIES)
def test_rows_are_as_long_as_what_they_fill(name):
    kind = FAMILIES[name]
    rows = [(16, row) for pair in kind.bars for row in pair] + [(16, row) for row in kind.turn]
    rows += [(size, row) for size, cells in kind.cells.items() for row in cells]
    assert {4, 6, 8, 12} <= set(kind.cells)
    for size, row in rows:
        assert len(row) == size, row
        assert set(row) <= set("Xxobu1234-."), row
    assert len(kind.turn) >= 2


def test_every_style_is_comped():
    assert set(OF_STYLE) == set(STYLES)
    assert set(OF_STYLE.values()) <= set(FAMILIES)
    assert family("unheard-of") is FAMILIES["rock"]
    assert family("pop", 60) is FAMILIES["ballad"]


@pytest.mark.parametrize("meter", METERS, ids=lambda m: f"{m} {'+'.join(map(str, m.grouping))}")
@pytest.mark.parametrize("style", STYLES)
def test_strokes_lie_in_the_bar_one_after_another(style, meter):
    assert sum(size for _, size in groups_of(meter)) == meter.bar_frames
    for number in range(9):
        for calm in (0, CALM, SPARSE):
            for bpm in (50.0, 100.0, 190.0):
                strokes = pattern(meter, style, bpm, "a", number, calm=calm)
                assert all(0 <= s.at < s.at + s.frames <= meter.bar_frames for s in strokes)
                assert all(a.at < b.at for a, b in pairwise(strokes))
                assert strokes == pattern(meter, style, bpm, "a", number, calm=calm)
                if calm == SPARSE:
                    assert len(strokes) <= 1


@pytest.mark.parametrize("style", STYLES)
def test_eight_bars_are_not_eight_times_the_same(style):
    bars = [pattern(FOUR, style, 100.0, "a", number) for number in range(8)]
    assert len(set(bars)) >= 3
    assert bars[3] != bars[1]
    assert bars[7] != bars[5]


@pytest.mark.parametrize("style", STYLES)
def test_a_busy_player_gets_room(style):
    for meter in METERS:
        full = sum(len(pattern(meter, style, 100.0, "a", n)) for n in range(8))
        calm = sum(len(pattern(meter, style, 100.0, "a", n, calm=CALM)) for n in range(8))
        sparse = sum(len(pattern(meter, style, 100.0, "a", n, calm=SPARSE)) for n in range(8))
        assert full >= calm >= sparse


@pytest.mark.parametrize("style", STYLES)
def test_styles_are_told_apart(style):
    one = tuple(pattern(FOUR, style, 100.0, "a", n) for n in range(4))
    others = [tuple(pattern(FOUR, other, 100.0, "a", n) for n in range(4)) for other in STYLES if other != style]
    assert one not in others


def test_uneven_groups_are_struck_where_they_begin():
    meter = parse_meter("7/8 3+2+2")
    starts = {tick // FRAME_TICKS for tick in meter.groups}
    for style in ("rock", "pop", "country", "gospel", "punk"):
        for number in range(4):
            assert starts <= {s.at for s in pattern(meter, style, 100.0, "a", number)}


def test_reggae_leaves_the_beats_alone_and_jazz_plays_the_charleston():
    for meter in (FOUR, parse_meter("3/4"), parse_meter("5/4")):
        for number in range(3):
            assert not {s.at for s in pattern(meter, "reggae", 80.0, "a", number)} & set(range(0, meter.bar_frames, 4))
    rows = {row for pair in FAMILIES["jazz"].bars for row in pair}
    assert "X-....x---......" in rows


def test_fast_sixteenths_are_played_over_two_bars():
    slow, fast = (pattern(FOUR, "funk", bpm, "a", 0) for bpm in (100.0, 170.0))
    assert len(fast) < len(slow)
    assert all(s.at % 2 == 0 for s in fast)

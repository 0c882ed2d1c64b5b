"""The band's swing: whatever the player's ratio, no part lies elsewhere."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask, Knobs, PartNote, Phrase
from sideman.band.rules import rules_plan
from sideman.band.swing import Swing, of_heard
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

RATIOS = (0.5, 0.58, 0.62, 0.66, 0.7)
WITHIN = 0.04
PITCHES = (64, 67, 72, 71, 69, 72, 76, 74)


def eighths(ratio, bars, beats=4, start=0):
    ticks = [960 * (i // 2) + (round(960 * ratio) if i % 2 else 0) for i in range(2 * beats * bars)]
    return tuple(Note(start + t, 300, PITCHES[i % 8], 84 + i % 3) for i, t in enumerate(ticks))


def places(notes, part, ratio):
    latest = ratio + (1 - ratio) / 4
    return [p for n in notes if n.part == part and 0.4 <= (p := n.tick % 960 / 960) <= latest]


def trade(ratio, meter, style):
    bars = 8
    phrase = Phrase(eighths(ratio, bars, meter.bar_ticks // 960), bars, meter, 110.0)
    form = bars * meter.bar_frames
    return Ask(
        id=1, seed=3, epoch=1, mode="trade", meter=meter, bpm=110.0, phrase=phrase, start=0, end=form,
        form_frames=form, frame=-1, solo=True, knobs=Knobs(style=style),
    )  # fmt: skip


@pytest.fixture(scope="module", params=("rules", "models"))
def play(request):
    if request.param == "rules":
        return lambda ask: rules_plan(ask, ask.phrase, ask.heard)
    return Ensemble().answer


@pytest.mark.parametrize("style", ["rock", "jazz", "blues", "funk"])
@pytest.mark.parametrize("meter", ["4/4", "3/4"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_each_part_of_an_answer_swings_as_the_player(play, ratio, meter, style):
    plan = play(trade(ratio, parse_meter(meter), style))
    found = {part: places(plan.notes, part, ratio) for part in ("drums", "bass", "chords", "solo")}
    assert len(found["drums"]) >= 8
    for part, at in found.items():
        if len(at) >= 3:
            assert median(at) == pytest.approx(ratio, abs=WITHIN), part


def follow(ratio, meter=Meter(), start=64, bars=4):  # noqa: B008 - a frozen value
    heard = eighths(ratio, bars, meter.bar_ticks // 960)
    return Ask(
        id=1, seed=3, epoch=round(100 * ratio), mode="follow", meter=meter, bpm=110.0, frame=start - 1, start=start, end=start + 32,
        heard=heard, heard_until=start - 1,
    )  # fmt: skip


@pytest.mark.parametrize("ratio", RATIOS)
def test_each_part_swings_as_the_player_who_is_followed(play, ratio):
    plan = play(follow(ratio))
    assert places(plan.notes, "drums", ratio)
    for part in ("drums", "bass", "chords"):
        at = places(plan.notes, part, ratio)
        if len(at) >= 3:
            assert median(at) == pytest.approx(ratio, abs=WITHIN), part


def test_a_bar_keeps_its_ratio_in_every_plan():
    heard = [n.tick for n in (*eighths(0.5, 8), *eighths(0.66, 8, start=8 * 3840))]
    told = {}
    for frame in range(64, 240, 4):
        ask = follow(0.5, start=frame)
        swing = of_heard(ask, [t for t in heard if t < frame * 240])
        for at in range(frame, frame + 17, 4):
            block = at // 32
            told.setdefault(block, set()).add(swing.at(at * 240))
    assert all(len(ratios) == 1 for block, ratios in told.items() if block > 2)
    assert {ratio for ratios in told.values() for ratio in ratios} >= {0.5, 0.66}


@pytest.mark.parametrize("meter", ["6/8", "12/8"])
def test_compound_meters_do_not_swing(meter):
    ask = trade(0.66, parse_meter(meter), "jazz")
    straight = {n.tick % 240 for n in rules_plan(ask, ask.phrase, ()).notes if n.part == "chords"}
    assert straight == {0}


@given(st.integers(0, 960 * 16), st.floats(0.5, 0.72))
def test_what_lies_before_a_beats_border_stays_there(tick, ratio):
    swing = Swing(0, 0, ((0, ratio),))
    beat = (tick + 120) // 960
    assert (swing.sounding(tick) + 120) // 960 == beat


def test_sixteenths_before_the_beat_become_the_eighth_where_it_is_felt_in_three():
    swing = Swing(0, 0, ((0, 0.66),))
    hat, foot = (PartNote("drums", 720, 60, pitch, 90) for pitch in (42, 36))
    struck = PartNote("drums", 480, 60, 42, 90)
    assert [n.tick for n in swing.laid_out([hat])] == [634]
    assert [(n.tick, n.pitch) for n in swing.laid_out([struck, hat, foot])] == [(634, 42), (634, 36)]

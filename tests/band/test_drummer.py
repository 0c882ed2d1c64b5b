"""What a listener would notice first in a drummer."""

from dataclasses import replace

import pytest
from asks import scale_line

from sideman.band.drummer import pushes, taps
from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask, Knobs, Phrase
from sideman.band.rules import rules_plan
from sideman.music.drum_pattern import Tap
from sideman.music.drumkit import OUT_PITCH, SIDE_STICK, Voice
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter
from sideman.music.notes import Note

FOUR = Meter()
HAT, RIDE, SNARE, KICK, CRASH = (
    OUT_PITCH[v] for v in (Voice.CLOSED_HAT, Voice.RIDE, Voice.SNARE, Voice.KICK, Voice.CRASH)
)


def ask_of(phrase, **values):
    form = phrase.bars * phrase.meter.bar_frames
    given = {"start": 0, "end": form, "form_frames": form, "frame": -1} | values
    return Ask(id=1, seed=3, epoch=1, mode="trade", meter=phrase.meter, bpm=100.0, phrase=phrase, **given)


def frames(plan, pitch):
    return {round(n.tick / FRAME_TICKS) for n in plan.notes if n.part == "drums" and n.pitch == pitch}


@pytest.fixture(scope="module", params=("rules", "models"))
def play(request):
    if request.param == "rules":
        return lambda ask: rules_plan(ask, ask.phrase, ())
    return Ensemble().answer


@pytest.mark.parametrize("rhythm", [(0, 4, 8, 12), (0, 3, 6, 10, 12, 14), range(16), (2, 5, 7, 11, 15)])
def test_whatever_the_player_plays_the_backbeat_and_one_steady_hand_are_there(play, rhythm):
    notes = tuple(Note(bar * 3840 + f * 240, 200, 60 + f % 7, 60 + 7 * (f % 5)) for bar in range(4) for f in rhythm)
    plan = play(ask_of(Phrase(notes, 4, FOUR, 100.0), end=48))
    for bar in range(3):
        assert {bar * 16 + 4, bar * 16 + 12} <= frames(plan, SNARE)
        assert bar * 16 in frames(plan, KICK)
    assert not (frames(plan, HAT) and frames(plan, RIDE))
    hand = frames(plan, HAT) | frames(plan, RIDE) | frames(plan, OUT_PITCH[Voice.OPEN_HAT]) | frames(plan, CRASH)
    assert set(range(0, 48, 2)) <= hand
    loud = [n.velocity for n in plan.notes if n.pitch == KICK and round(n.tick / FRAME_TICKS) % 16 == 0]
    assert min(loud) >= 40


def test_a_solo_is_played_on_the_ride(play):
    phrase = Phrase(scale_line(FOUR, 4), 4, FOUR, 100.0)
    assert frames(play(ask_of(phrase, solo=True)), RIDE)
    assert not frames(play(ask_of(phrase, solo=True)), HAT)


def test_the_players_lateness_is_the_drummers(play):
    late = 40
    notes = tuple(Note(bar * 3840 + beat * 960 + late, 500, 60, 90) for bar in range(4) for beat in range(4))
    plan = play(ask_of(Phrase(notes, 4, FOUR, 100.0), end=32))
    offsets = [n.tick - round(n.tick / FRAME_TICKS) * FRAME_TICKS for n in plan.notes if n.pitch == SNARE]
    assert sum(offsets) / len(offsets) > late / 2


def test_a_short_form_is_not_filled_every_time(play):
    phrase = Phrase(scale_line(FOUR, 2), 2, FOUR, 100.0)
    toms = [OUT_PITCH[v] for v in (Voice.LOW_TOM, Voice.MID_TOM, Voice.HIGH_TOM)]

    def fills(turn):
        plan = play(ask_of(phrase, start=turn * 32, end=turn * 32 + 32, fill_to=turn * 32 + 32))
        late = {f for f in frames(plan, SNARE) if f % 32 >= 24}
        return len(late) + sum(len(frames(plan, tom)) for tom in toms)

    assert fills(0) <= 3
    assert fills(1) > 3


def test_taps_keep_what_comes_again():
    notes = [Note(loop * 32 * 240 + step * 240, 100, 60, 70 + loop) for loop in range(3) for step in (0, 6, 12)]
    notes.append(Note(5 * 240, 100, 60, 127))
    assert [(t.step, t.velocity) for t in taps(notes, 32)] == [(0, 72), (6, 72), (12, 72)]


def test_the_kick_goes_with_syncopations():
    tapped = [Tap(step) for step in (0, 4, 6, 12)]
    assert [t.step for t in pushes(tapped, FOUR, 1, seed=1)] == [6]


def test_straight_eighths_push_nothing_and_an_accent_does():
    assert pushes([Tap(step) for step in range(0, 16, 2)], FOUR, 1, seed=1) == ()
    assert [t.step for t in pushes([Tap(s, 120 if s == 10 else 80) for s in range(0, 16, 2)], FOUR, 1, seed=1)] == [10]


def test_16ths_push_where_the_style_goes_by_them():
    tapped = [Tap(step) for step in (0, 3, 7, 11, 14)]
    assert pushes(tapped, FOUR, 1, seed=1) == ()
    fine = {t.step for t in pushes(tapped, FOUR, 1, seed=1, fine=True)}
    assert len(fine) == 3
    assert fine & {3, 7, 11}


def test_a_player_of_16ths_is_heard_by_the_foot_of_funk(play):
    def kicks(rhythm, style):
        notes = tuple(Note(bar * 3840 + f * 240, 200, 60 + f % 7, 90) for bar in range(4) for f in rhythm)
        phrase = Phrase(notes, 4, FOUR, 100.0)
        return frames(play(replace(ask_of(phrase, end=32), knobs=Knobs(style=style))), KICK)

    plain, pushed = kicks(range(0, 16, 4), "funk"), kicks((0, 3, 6, 9, 13), "funk")
    assert any(f % 2 for f in pushed - plain)
    assert not any(f % 2 for f in kicks((0, 3, 6, 9, 13), "pop"))


def test_ghosts_are_ghosts_and_the_stick_is_a_stick(play):
    phrase = Phrase(scale_line(FOUR, 4), 4, FOUR, 100.0)

    def snares(style, pitch):
        plan = play(replace(ask_of(phrase, end=32), knobs=Knobs(style=style)))
        return [n.velocity for n in plan.notes if n.part == "drums" and n.pitch == pitch]

    funk = snares("funk", SNARE)
    assert sum(v < 50 for v in funk) >= 4
    assert sum(v > 60 for v in funk) >= 4
    assert not snares("funk", SIDE_STICK)
    assert len(snares("afrocuban", SIDE_STICK)) == 5


def test_a_plan_says_for_how_loud_a_player_it_is(play):
    notes = tuple(Note(tick, 200, 60, 47) for tick in range(0, 4 * 3840, 960))
    told = play(ask_of(Phrase(notes, 4, FOUR, 100.0), end=32)).loudness
    assert {(part, loud) for part, _, loud in told} == {(p, 47.0) for p in ("drums", "bass", "chords", "solo")}
    assert [frame for part, frame, _ in told if part == "drums"] == [0, 16]


def test_an_uneven_meter_gets_its_own_groove(play):
    meter = parse_meter("7/8 2+2+3")
    plan = play(ask_of(Phrase(scale_line(meter, 4), 4, meter, 140.0), end=28))
    assert {0, 14} <= frames(plan, KICK)
    assert frames(plan, SNARE)
    assert {f % 14 for f in frames(plan, HAT)} >= {2, 4, 6, 8, 10, 12}


def test_the_same_groove_window_by_window(play):
    phrase = Phrase(scale_line(FOUR, 4), 4, FOUR, 100.0)
    whole = play(ask_of(phrase))
    parts = [play(replace(ask_of(phrase), id=n, start=n * 16, end=n * 16 + 16)) for n in range(4)]
    drums = [n for n in whole.notes if n.part == "drums"]
    assert drums == [n for plan in parts for n in plan.notes if n.part == "drums"]


def test_a_hand_calms_down_with_the_player_before_the_loop_does():
    """Two bars of 16ths, then two of two notes each: the loop still to come was made from the 16ths."""
    busy = [Note(f * FRAME_TICKS, 100, 60, 90) for f in range(64)]
    calm = [Note(bar * 3840 + beat * 1920, 900, 60, 90) for bar in (4, 5) for beat in (0, 1)]

    def hats(heard, until):
        ask = Ask(
            id=1, seed=3, epoch=1, mode="follow", meter=FOUR, bpm=100.0, frame=until, start=112, end=128,
            heard=tuple(heard), heard_until=until, knobs=Knobs(style="funk"),
        )  # fmt: skip
        return frames(Ensemble().answer(ask), HAT) | frames(Ensemble().answer(ask), RIDE)

    still = [Note(f * FRAME_TICKS, 100, 60, 90) for f in range(64, 96)]
    assert any(f % 2 for f in hats([*busy, *still], 96))
    assert not any(f % 2 for f in hats([*busy, *calm], 96))

"""What is heard of comper and bassist in every style, meter and wish: in range, apart, on the same plan."""

from dataclasses import replace
from functools import cache

import pytest
from asks import METERS, check, chord_at, scale_line
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.band import bassist
from sideman.band.messages import Ask, Knobs, Phrase
from sideman.band.rules import rules_plan
from sideman.music.bass_styles import STYLES as BASS_STYLES
from sideman.music.bass_styles import bass_style
from sideman.music.chords import Chord, parse_chord
from sideman.music.comping_styles import OF_STYLE
from sideman.music.drumkit import OUT_PITCH, Voice
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS
from sideman.music.notes import Note

HEARD = tuple(m for m in METERS if str(m) not in ("2/2", "16/16", "9/8", "5/8"))
KICK = OUT_PITCH[Voice.KICK]
NAMES = ("C:maj", "A:min", "F:maj", "G:maj", "C:maj", "D:min", "G:7/B", "C:maj")
BARS = len(NAMES)


def ids(meter):
    return f"{meter} {'+'.join(map(str, meter.grouping))}"


def asked(style, meter, *, complexity=1, seed=5, given=True, **kwargs):
    """Eight bars of a form, a chord a bar."""
    form, size = BARS * meter.bar_frames, meter.bar_frames
    phrase = Phrase(scale_line(meter, BARS), BARS, meter, 100.0)
    spans = tuple(ChordSpan(i * size, size, parse_chord(name), 1.0) for i, name in enumerate(NAMES))
    values = {"start": 0, "end": form, "chords": spans if given else ()} | kwargs
    ask = Ask(
        id=1, seed=seed, epoch=1, mode="trade", meter=meter, bpm=100.0, frame=-1, form_frames=form,
        knobs=Knobs(style=style, complexity=complexity), **values,
    )  # fmt: skip
    return ask, phrase


@cache
def played(style, meter, complexity=1, seed=5, *, given=True):
    ask, phrase = asked(style, meter, complexity=complexity, seed=seed, given=given)
    return ask, rules_plan(ask, phrase, ())


def part(plan, name):
    return [n for n in plan.notes if n.part == name]


def frame_of(note):
    return (note.tick + FRAME_TICKS // 2) // FRAME_TICKS


def changes_of(plan):
    return [s for a, s in zip((None, *plan.chords), plan.chords, strict=False) if a is None or a.chord != s.chord]


@pytest.mark.parametrize("meter", METERS, ids=ids)
@pytest.mark.parametrize("style", OF_STYLE)
def test_every_style_in_every_meter_and_wish_can_be_played(style, meter):
    for complexity in range(4):
        ask, plan = played(style, meter, complexity, given=False)
        check(ask, plan)
        assert part(plan, "chords")
        assert part(plan, "bass")


@pytest.mark.parametrize("meter", HEARD, ids=ids)
@pytest.mark.parametrize("style", OF_STYLE)
def test_the_bass_is_on_the_root_wherever_the_chord_changes(style, meter):
    for complexity in (1, 3):
        _, plan = played(style, meter, complexity, given=complexity == 1)
        bass = part(plan, "bass")
        for span in changes_of(plan):
            tick = span.onset * FRAME_TICKS
            sounding = [n for n in bass if n.tick <= tick + FRAME_TICKS // 2 and n.tick + n.duration > tick]
            assert sounding, (span.onset, span.chord.name)
            assert sounding[-1].pitch % 12 == span.chord.bass_class, (span.onset, span.chord.name)


@pytest.mark.parametrize("meter", HEARD, ids=ids)
@pytest.mark.parametrize("style", OF_STYLE)
def test_the_bass_is_where_the_kick_is(style, meter):
    kicks, bass = set(), set()
    for seed in range(4):
        _, plan = played(style, meter, 1, seed)
        kicks |= {(seed, frame_of(n)) for n in plan.notes if n.part == "drums" and n.pitch == KICK}
        bass |= {(seed, frame_of(n)) for n in part(plan, "bass")}
    share = len(kicks & bass) / len(kicks)
    kind = bass_style(style)
    assert share >= (0.4 if kind.tied else 0.6 if kind.walks else 0.85), share


@pytest.mark.parametrize("meter", HEARD, ids=ids)
@pytest.mark.parametrize("style", OF_STYLE)
def test_the_hand_lies_above_the_bass_and_sounds_the_chord(style, meter):
    for complexity in (1, 2):
        ask, plan = played(style, meter, complexity, given=False)
        bass, hand = part(plan, "bass"), part(plan, "chords")
        for bar in range(BARS):
            low, high = bar * meter.bar_ticks, (bar + 1) * meter.bar_ticks
            below = [n.pitch for n in bass if low <= n.tick < high]
            above = [n.pitch for n in hand if low <= n.tick < high]
            assert not below or not above or max(below) < min(above)
        for note in hand:
            frame = min(frame_of(note), ask.end - 1)
            near = {chord_at(plan.chords, min(f, ask.end - 1)) for f in (frame, frame + 2)} - {None}
            first = plan.chords[0].chord  # the last push of a form leads into its first chord
            assert any(note.pitch % 12 in chord.pitch_classes for chord in (*near, first))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(tuple(OF_STYLE)), st.sampled_from(METERS), st.integers(0, 3), st.integers(0, 999), st.integers(1, 7)
)
def test_a_window_cut_anywhere_is_the_same_music(style, meter, complexity, seed, eighth):
    ask, phrase = asked(style, meter, complexity=complexity, seed=seed)
    cut = max(1, eighth * ask.end // 8 - seed % 3)
    whole = rules_plan(ask, phrase, ())
    one, two = rules_plan(replace(ask, end=cut), phrase, ()), rules_plan(replace(ask, start=cut), phrase, ())

    def onsets(*plans):
        return sorted((n.tick, n.part, n.pitch, n.velocity) for plan in plans for n in plan.notes if n.part != "solo")

    assert onsets(whole) == onsets(one, two)


def live(now, heard, standing, *, end=32, style="rock", **kwargs):
    return Ask(
        id=1, seed=3, epoch=1, mode="follow", meter=METERS[0], bpm=100.0, frame=now, start=now + 1, end=now + 1 + end,
        heard=heard, heard_until=now, chords=standing, knobs=Knobs(style=style), **kwargs,
    )  # fmt: skip


@pytest.mark.parametrize("style", OF_STYLE)
def test_a_chord_that_has_just_changed_in_a_live_plan_has_its_root(style):
    heard = tuple(Note(i * 960, 900, (62, 65, 69, 62)[i % 4], 90) for i in range(16))
    ask = live(63, heard, (ChordSpan(0, 64, Chord(4), 1.0),), style=style)
    plan = rules_plan(ask, None, heard)
    first = next(n for n in part(plan, "bass"))
    assert frame_of(first) == 64
    assert first.pitch % 12 == plan.chords[0].chord.bass_class


@pytest.mark.parametrize("style", ["rock", "latin", "afrocuban", "funk", "jazz"])
def test_a_live_chord_is_pushed_only_where_it_stands(style):
    """What is struck before a bar line sounds the chord that stands there, or the one that is already committed."""
    heard = tuple(Note(i * 960, 900, (60, 64, 67, 60)[i % 4], 90) for i in range(12))
    stands = tuple(ChordSpan(i * 16, 16, Chord((0, 5, 7, 9, 2, 4)[i]), 1.0) for i in range(6))
    for known in (3, 6):
        plan = rules_plan(live(47, heard, stands[:known], end=48, style=style), None, heard)
        for note in part(plan, "chords") + (part(plan, "bass") if style == "afrocuban" else []):
            frame = frame_of(note)
            now = chord_at(plan.chords, frame)
            if now is not None and note.pitch % 12 not in now.pitch_classes:
                coming = chord_at(plan.chords, min(frame + 4, plan.end - 1))
                assert known == 6
                assert note.pitch % 12 in coming.pitch_classes


def test_the_hand_does_not_rub_with_the_key_that_is_held():
    chord = Chord(0)
    for held in range(60, 72):
        heard = (*(Note(i * 960, 900, 76, 90) for i in range(15)), Note(15 * 960, 960, held, 90))
        ask = live(63, heard, (ChordSpan(0, 64, chord, 1.0),), end=8)
        plan = rules_plan(replace(ask, chords=(ChordSpan(0, 96, chord, 1.0),)), None, heard)
        struck = [n.pitch for n in part(plan, "chords") if frame_of(n) == 64]
        assert struck
        assert not [p for p in struck if abs(p - held) == 1], held


def test_a_loud_player_is_accompanied_loudly_and_a_soft_one_softly():
    means = []
    for velocity in (30, 80, 120):
        ask, phrase = asked("rock", METERS[0])
        notes = tuple(replace(n, velocity=velocity) for n in phrase.notes)
        hand = part(rules_plan(ask, replace(phrase, notes=notes), ()), "chords")
        means.append(sum(n.velocity for n in hand) / len(hand))
        assert max(n.velocity for n in hand) - min(n.velocity for n in hand) >= 8
    assert means == sorted(means)
    assert means[2] - means[0] >= 20


@pytest.mark.parametrize("style", OF_STYLE)
def test_a_busy_player_is_given_room(style):
    ask, phrase = asked(style, METERS[0])
    busy = tuple(Note(i * 240, 200, 70 + i % 7, 90) for i in range(BARS * 16))
    strokes = [
        len({n.tick for n in part(rules_plan(ask, replace(phrase, notes=notes), ()), "chords")})
        for notes in (phrase.notes, busy)
    ]
    assert strokes[1] < strokes[0]


def test_a_comper_is_no_block_chord_a_change():
    for style in OF_STYLE:
        _, plan = played(style, METERS[0])
        ticks = {n.tick for n in part(plan, "chords")}
        assert len(ticks) > BARS, style
        assert len({n.velocity for n in part(plan, "chords")}) > 8, style
        assert len({n.duration for n in part(plan, "chords")}) > 1 or style == "reggae", style


def test_every_style_has_its_bassist():
    assert set(BASS_STYLES) == set(OF_STYLE)
    rows = [(16, row) for kind in BASS_STYLES.values() for pair in kind.bars for row in pair]
    rows += [(n, row) for kind in BASS_STYLES.values() for n, cells in kind.cells.items() for row in cells]
    for size, row in rows:
        assert len(row) == size, row
        assert set(row) <= set("R3578-."), row
    assert bassist.LOW == 28


@pytest.mark.parametrize("style", ["rock", "jazz", "blues"])
def test_what_the_player_comps_is_not_put_in_other_words(style):
    tones = ((60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62))
    heard = tuple(Note(bar * 3840, 3600, p, 90) for bar in range(8) for p in tones[bar % 4])
    ask = live(127, heard, (), end=32, style=style)
    plan = rules_plan(replace(ask, knobs=Knobs(style=style, complexity=3)), None, heard)
    assert {s.chord for s in plan.chords} <= {parse_chord(name) for name in NAMES[:4]}


def test_found_chords_are_coloured_and_those_that_stand_are_not():
    line = (72, 74, 76, 77, 74, 72, 71, 69, 67, 69, 71, 74, 72, 69, 67, 64)
    heard = tuple(Note(i * 480, 400, line[i * 5 % 16], 90) for i in range(64))
    stands = (ChordSpan(112, 16, Chord(9, "min"), 1.0),)
    plain, painted = (
        rules_plan(
            replace(live(111, heard, stands, end=48), knobs=Knobs("C maj", style="jazz", complexity=wish)), None, heard
        )
        for wish in (0, 1)
    )
    assert [(s.onset, s.chord.triad) for s in plain.chords] == [(s.onset, s.chord.triad) for s in painted.chords]
    assert {s.chord.quality for s in plain.chords} <= {"maj", "min", "dim"}
    assert {len(s.chord.pitch_classes) for s in painted.chords if s.onset >= 128} & {4}
    assert chord_at(painted.chords, 120) == stands[0].chord

"""The band by rules: playable whatever is asked, the same for the same ask, and music."""

import sys
from dataclasses import replace
from subprocess import run

import pytest
from asks import ANY, METERS, check, chord_at, scale_line
from hypothesis import given, settings

from sideman.band.messages import Ask, Phrase
from sideman.band.rules import rules_plan
from sideman.music.chords import Chord, parse_chord
from sideman.music.drumkit import OUT_PITCH, Voice
from sideman.music.harmony import ChordSpan
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter

KICK, CRASH = OUT_PITCH[Voice.KICK], OUT_PITCH[Voice.CRASH]
FOUR = tuple(ChordSpan(i * 16, 16, parse_chord(c), 1.0) for i, c in enumerate(("C:maj", "A:min", "F:maj", "G:maj")))


def trade(meter=Meter(), bars=4, **kwargs):  # noqa: B008 - a frozen value
    form = bars * meter.bar_frames
    phrase = Phrase(scale_line(meter, bars), bars, meter, 100.0)
    values = {"start": 0, "end": form, "form_frames": form, "seed": 5, "bpm": 100.0, "frame": -1} | kwargs
    return Ask(id=1, epoch=1, mode="trade", meter=meter, phrase=phrase, **values), phrase


def ticks(plan, part, pitch=None):
    return [n.tick for n in plan.notes if n.part == part and pitch in (None, n.pitch)]


@settings(max_examples=150, deadline=None)
@given(ANY)
def test_any_ask_gives_a_playable_plan_and_always_the_same(case):
    ask, phrase, heard = case
    plan = rules_plan(ask, phrase, heard)
    check(ask, plan)
    assert plan == rules_plan(ask, phrase, heard)
    assert {name for name, _ in plan.sources} == set(ask.lineup)


@pytest.mark.parametrize("meter", METERS, ids=lambda m: f"{m}-{'+'.join(map(str, m.grouping))}")
def test_a_window_cut_in_two_is_the_same_music(meter):
    ask, phrase = trade(meter)
    chords = rules_plan(ask, phrase, ()).chords
    ask = replace(ask, chords=chords, phrase=None)
    whole = rules_plan(ask, phrase, ())
    cut = meter.bar_frames * 2 + 3
    one = rules_plan(replace(ask, end=cut), phrase, ())
    two = rules_plan(replace(ask, start=cut), phrase, ())

    def onsets(*plans):
        return sorted((n.tick, n.part, n.pitch, n.velocity) for plan in plans for n in plan.notes)

    assert onsets(whole) == onsets(one, two)


@pytest.mark.parametrize("meter", METERS, ids=lambda m: f"{m}-{'+'.join(map(str, m.grouping))}")
def test_every_bar_has_its_drums_and_bass_on_one_and_chords(meter):
    ask, phrase = trade(meter)
    plan = rules_plan(ask, phrase, ())
    bass = set(ticks(plan, "bass"))
    kicks = set(ticks(plan, "drums", KICK))
    for bar in range(4):
        low, high = bar * meter.bar_ticks, (bar + 1) * meter.bar_ticks
        assert any(low - 120 <= t < low + 120 for t in kicks)
        assert any(low - 120 <= t < low + 120 for t in bass)
        assert any(low - 480 <= t < high for t in ticks(plan, "chords"))


def test_the_bass_plays_the_root_on_every_change_and_locks_to_the_kick():
    ask, phrase = trade(chords=FOUR)
    plan = rules_plan(ask, phrase, ())
    by_frame = {round(n.tick / FRAME_TICKS): n.pitch for n in plan.notes if n.part == "bass"}
    for span in FOUR:
        assert by_frame[span.onset] % 12 == span.chord.root
    kicks = {round(t / FRAME_TICKS) for t in ticks(plan, "drums", KICK)}
    locked = [any(abs(f - k) <= 1 for k in kicks) for f in by_frame]
    assert sum(locked) / len(locked) >= 0.7


def test_chords_agree_with_what_stands_and_repeat_with_the_form():
    ask, phrase = trade(chords=FOUR, start=64 + 8, end=64 + 40)
    plan = rules_plan(replace(ask, phrase=None), phrase, ())
    assert [s.chord.name for s in plan.chords] == ["C", "Am", "F"]
    for note in plan.notes:
        if note.part == "chords":
            frame = round(note.tick / FRAME_TICKS)
            near = {chord_at(plan.chords, f) for f in (frame, frame + 2)} - {None}
            assert any(note.pitch % 12 in chord.pitch_classes for chord in near)


def test_the_whole_form_is_told_when_the_phrase_comes():
    ask, phrase = trade(start=64, end=96, origin=64)
    plan = rules_plan(ask, phrase, ())
    assert plan.chords[0].onset == 64
    assert sum(s.frames for s in plan.chords) == 64


def test_a_fill_leads_to_the_crash():
    ask, phrase = trade(fill_to=32, chords=FOUR)
    plan = rules_plan(ask, phrase, ())
    toms = {OUT_PITCH[v] for v in (Voice.LOW_TOM, Voice.MID_TOM, Voice.HIGH_TOM, Voice.SNARE)}
    run_up = [n for n in plan.notes if n.part == "drums" and 24 <= n.tick / FRAME_TICKS < 31.5 and n.pitch in toms]
    assert len(run_up) >= 4
    assert any(abs(t - 32 * FRAME_TICKS) < 120 for t in ticks(plan, "drums", CRASH))


def test_the_ending_is_one_hit_and_nothing_after():
    ask, phrase = trade(ending=48, chords=FOUR, solo=True)
    plan = rules_plan(ask, phrase, ())
    final = [n for n in plan.notes if n.tick >= 48 * FRAME_TICKS - 120]
    assert all(n.tick == 48 * FRAME_TICKS for n in final)
    assert {KICK, CRASH} <= {n.pitch for n in final if n.part == "drums"}
    assert [n.pitch % 12 for n in final if n.part == "bass"] == [0]  # home, whatever chord the form has there
    assert {n.pitch % 12 for n in final if n.part == "chords"} == {0, 4, 7}
    (solo,) = [n for n in final if n.part == "solo"]
    assert solo.pitch % 12 in (0, 4, 7)
    assert max(n.duration for n in final) == 2 * ask.meter.bar_ticks


def test_the_solo_answers_at_length_and_differently_each_turn():
    ask, phrase = trade(solo=True, chords=FOUR)
    first = [n for n in rules_plan(ask, phrase, ()).notes if n.part == "solo"]
    later = rules_plan(replace(ask, start=128, end=192), phrase, ())
    second = [n for n in later.notes if n.part == "solo"]
    assert len(first) >= len(phrase.notes) // 2
    assert [n.pitch for n in first] != [n.pitch for n in second]
    assert not [n for n in rules_plan(replace(ask, solo=False), phrase, ()).notes if n.part == "solo"]


def test_transposing_moves_the_pitched_parts_and_not_the_names():
    ask, phrase = trade(chords=FOUR)
    plain = rules_plan(ask, phrase, ())
    up = rules_plan(replace(ask, knobs=replace(ask.knobs, transpose=2)), phrase, ())
    assert up.chords == plain.chords
    assert min(n.tick for n in up.notes if n.part == "bass") == 0
    roots = [n.pitch % 12 for n in up.notes if n.part == "bass" and n.tick % (16 * FRAME_TICKS) == 0]
    assert roots == [(s.chord.root + 2) % 12 for s in FOUR]
    drums = [n for n in plain.notes if n.part == "drums"]
    assert drums == [n for n in up.notes if n.part == "drums"]


def test_new_gives_other_music():
    ask, phrase = trade(chords=FOUR)
    plans = [rules_plan(replace(ask, variation=v), phrase, ()).notes for v in range(4)]
    assert len(set(plans)) == 4


def test_seven_eight_follows_its_grouping():
    ask, phrase = trade(parse_meter("7/8 3+2+2"), bars=2)
    plan = rules_plan(ask, phrase, ())
    frames = {round(t / FRAME_TICKS) % 14 for t in ticks(plan, "chords")}
    assert {0, 6, 10} <= frames | {12}


def test_rules_load_no_numerics():
    code = "import sideman.band.rules, sys; sys.exit('numpy' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_slash_chord_sits_on_its_bass():
    ask, phrase = trade(chords=(ChordSpan(0, 64, Chord(0, "maj", 4), 1.0),))
    plan = rules_plan(ask, phrase, ())
    assert next(n.pitch for n in plan.notes if n.part == "bass") % 12 == 4

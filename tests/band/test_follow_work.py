"""Following as the band does it: what it says of itself, other chords for a note, warm start, and constant work."""

from dataclasses import replace

import numpy as np
import pytest
from tests.band.asks import chord_at

from sideman.band import networks
from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask
from sideman.band.process import serve
from sideman.jam.book import splice
from sideman.models.runtime import Graph
from sideman.music.chords import parse_chord, triad_index
from sideman.music.harmony import ChordSpan
from sideman.music.meter import Meter, parse_meter
from sideman.music.notes import Note

FOUR = Meter()
TUNE = (64, 67, 72, 71, 69, 67, 64, 60, 65, 69, 72, 69, 67, 71, 74, 67)


@pytest.fixture(scope="module")
def band():
    made = Ensemble()
    assert dict(made.models)["chords"] == "ok"
    return made


def tune(bars, meter=FOUR, up=lambda _: 0):
    """A line in quarters (or the meter's beats), four bars long, over and over."""
    beat, count = meter.beat_ticks, bars * meter.bar_ticks // meter.beat_ticks
    return [
        Note(i * beat, beat - 60, TUNE[i % len(TUNE)] + up(i * beat // meter.bar_ticks), 80 + i % 5)
        for i in range(count)
    ]


def followed(band, notes, bars, meter=FOUR, commit=0, entry=2, **values):
    """(ask, plan) of a jam, asked for a frame before each beat as the conductor does."""
    band.forget()
    beat, size = meter.beat_ticks // 240, meter.bar_frames
    origin, book, sent, out = entry * size, (), 0, []
    for number, line in enumerate(range(beat, bars * size, beat)):
        now = line - 1
        live = now >= origin - 2 * beat - 1
        start = max(origin, now + 1 + commit * beat) if live else now
        end = start + 5 * beat if live else now
        heard = tuple(n for n in notes if sent <= n.tick < now * 240)
        sent = now * 240
        ask = Ask(
            id=number, seed=5, epoch=1, mode="follow", meter=meter, bpm=100.0, frame=now, start=start, end=end,
            origin=origin, heard=heard, heard_until=now,
            chords=tuple(c for c in splice(book, (), start, 1 << 40) if c.end > start - 64), **values,
        )  # fmt: skip
        plan = band.answer(ask)
        if live:
            book = splice(book, plan.chords, start, end)
        out.append((ask, plan))
    return out, book


def test_a_plan_says_how_far_to_trust_it(band):
    plans = [plan for ask, plan in followed(band, tune(16), 16, commit=2)[0] if ask.end > ask.start]
    assert all(plan.commit_beats in range(5) for plan in plans)
    assert all(0 <= plan.key_sure <= 1 and 0 <= plan.confidence <= 1 for plan in plans)
    assert plans[-1].form_bars == 4
    assert plans[-1].surprise is not None
    assert plans[-1].surprise > 0


def test_surprise_is_not_spoken_of_before_the_band_has_played_two_beats(band):
    for ask, plan in followed(band, tune(4), 4, commit=2)[0]:
        if ask.heard_until < ask.origin + 8:
            assert plan.surprise is None


def test_another_key_is_a_surprise(band):
    found = followed(band, tune(20, up=lambda bar: 6 * (bar >= 12)), 20, commit=4)[0]
    before = [plan.surprise for ask, plan in found if 10 * 16 <= ask.frame < 12 * 16]
    after = [plan.surprise for ask, plan in found if 12 * 16 + 8 <= ask.frame < 13 * 16 + 8]
    assert min(before) > 0
    assert min(after) < 0


def test_other_chords_come_only_when_asked_for(band):
    assert all(not plan.alternatives for _, plan in followed(band, tune(8), 8)[0])


def test_what_is_struck_changes_the_chord_and_only_chords_and_bass(band):
    found = followed(band, tune(12, up=lambda bar: 6 * (bar >= 6)), 12, alternatives=True)[0]
    others = [(ask, plan, other) for ask, plan in found for other in plan.alternatives]
    assert others
    for ask, plan, other in others:
        assert {note.part for note in other.notes} <= {"bass", "chords"}
        assert all(ask.start * 240 - 120 <= note.tick < ask.end * 240 for note in other.notes)
        assert chord_at(other.chords, ask.start) != chord_at(plan.chords, ask.start)
        assert set(other.classes) <= set(range(12))
    for _, plan in found:
        said = [pc for other in plan.alternatives for pc in other.classes]
        assert len(said) == len(set(said))


def test_other_chords_do_not_change_the_plan_nor_what_comes_after_it(band):
    notes = tune(10, up=lambda bar: 6 * (bar >= 6))
    asked, plain = (followed(band, notes, 10, alternatives=flag)[0] for flag in (True, False))
    for (_, a), (_, b) in zip(asked, plain, strict=True):
        assert replace(a, alternatives=(), model_ms=()) == replace(b, model_ms=())


class Counting:
    """Counts the passes of every graph."""

    def __init__(self, monkeypatch):
        self.passes = 0
        run = Graph.run

        def counted(graph, inputs):
            self.passes += 1
            return run(graph, inputs)

        monkeypatch.setattr(Graph, "run", counted)


def test_the_work_of_an_ask_does_not_grow_with_the_jam(band, monkeypatch):
    """One pass a frame heard, however long the jam is, none for the other chords, and a bounded memory."""
    chords_only = ("chords",)
    counting = Counting(monkeypatch)
    band.forget()
    passes, sizes = [], []
    answer = band.answer

    def watched(ask):
        before = counting.passes
        plan = answer(ask)
        passes.append(counting.passes - before)
        sizes.append(len(band._memory.heard))
        return plan

    monkeypatch.setattr(band, "answer", watched)
    monkeypatch.setattr(networks.Grooves, "groove", lambda *_: None)  # the drummer's loop is made once: not counted
    followed(band, tune(60), 60, commit=2, lineup=chords_only, alternatives=True)
    assert set(passes[16:]) == {4}  # a beat of four frames each
    assert max(sizes) <= 33 * 4 + 4
    assert sizes[-1] <= sizes[40 * 4]


def test_an_evening_of_noise_is_forgotten_too(band):
    band.forget()
    for number in range(1, 9):
        storm = tuple(Note(number * 3840 + i, 30, 30 + i % 60, 90) for i in range(1000))
        now = (number + 1) * 16
        band.answer(
            Ask(number, 1, 1, "follow", FOUR, 100.0, now, now, now, heard=storm, heard_until=now, lineup=("chords",))
        )
    assert len(band._memory.heard) <= 2048


def test_the_warm_start_is_one_pass_of_hindsight_once(band, monkeypatch):
    calls = []
    warm = networks.warm_start

    def watched(stream, graph, frames, options):
        past = stream.past.copy()
        found = warm(stream, graph, frames, options)
        calls.append((len(frames), found, bool((stream.past != past).any())))
        return found

    monkeypatch.setattr(networks, "warm_start", watched)
    found, book = followed(band, tune(8), 8)
    assert len(calls) == 1
    count, spans, changed = calls[0]
    first = next(ask for ask, _ in found if ask.end > ask.start)
    assert first.start == first.origin  # before the silence period ends
    assert count == first.heard_until
    assert sum(span.frames for span in spans) == count
    assert changed
    assert book[0].onset >= first.origin  # kept as context, never played


def test_the_warm_start_knows_the_chords_of_what_was_heard(band, monkeypatch):
    seen = []
    warm = networks.warm_start
    monkeypatch.setattr(networks, "warm_start", lambda *a: seen.append((a[0], warm(*a))) or seen[-1][1])
    roots = {0: (60, 64, 67), 1: (57, 60, 64), 2: (65, 69, 72), 3: (55, 59, 62)}
    notes = [Note(i * 480, 440, roots[i // 8 % 4][i % 3], 90) for i in range(8 * 8)]
    followed(band, notes, 6, entry=5)
    stream, spans = seen[0]
    labels = [chord_at(spans, bar * 16 + 4 - 5 * 16).triad.label for bar in range(4)]
    assert labels == ["C:maj", "A:min", "F:maj", "G:maj"]
    assert stream.played.at(np.array([-60]))[0] == triad_index(parse_chord("A:min"))


@pytest.mark.parametrize("text", ["3/4", "5/4", "6/8", "7/8 2+2+3"])
def test_the_warm_start_holds_in_any_meter(band, text):
    meter = parse_meter(text)
    found, book = followed(band, tune(8, meter), 8, meter=meter)
    assert any(plan.chords for _, plan in found)
    assert book


def test_silence_heard_first_is_no_harmony(band):
    late = [Note(n.tick + 3 * 3840, n.duration, n.pitch, n.velocity) for n in tune(5)]
    found, _ = followed(band, late, 8, entry=2)
    assert [plan.chords for ask, plan in found if ask.heard_until < 40] == [
        () for ask, _ in found if ask.heard_until < 40
    ]


class Mute:
    """A chord network that finds nothing."""

    def ahead(self, ask, heard, standing):
        del ask, heard
        return standing

    def reading(self):
        return None

    def alternatives(self, *_):
        return ()

    def forget(self):
        pass


def test_a_silent_model_holds_the_last_chord(band, monkeypatch):
    chord = parse_chord("F:maj7")
    monkeypatch.setattr(band, "_models", replace(band._models, chords=Mute()))
    band.forget()
    heard = tuple(tune(3))
    ask = Ask(
        1, 1, 1, "follow", FOUR, 100.0, 47, 48, 68, origin=32, heard=heard, heard_until=47,
        chords=(ChordSpan(32, 16, chord, 0.5),),
    )  # fmt: skip
    plan = band.answer(ask)
    assert [(span.onset, span.end, span.chord) for span in plan.chords] == [(48, 68, chord)]
    assert {note.part for note in plan.notes} >= {"bass", "chords"}


def test_what_the_player_comps_leads_the_plan(band):
    chords = [(48, 55, 64, 67), (45, 52, 60, 64), (50, 57, 65, 69), (43, 50, 59, 62)]
    notes = [Note(bar * 3840, 3700, pitch, 90) for bar in range(12) for pitch in chords[bar % 4]]
    _, book = followed(band, notes, 12, commit=2, entry=4)
    for bar in range(8, 11):
        assert chord_at(book, bar * 16 + 4).root == (0, 9, 2, 7)[bar % 4]


def test_the_plan_is_there_before_other_chords_are_looked_for(band):
    told = []
    answer = band.answer
    notes = tune(12, up=lambda bar: 6 * (bar >= 6))
    band.answer = lambda ask: answer(ask, early=told.append)
    try:
        found = followed(band, notes, 12, alternatives=True)[0]
    finally:
        del band.answer
    assert len(told) > len(found) // 2
    later = {plan.ask: plan for _, plan in found}
    for plan in told:
        assert plan.alternatives == ()
        assert replace(later[plan.ask], alternatives=(), model_ms=plan.model_ms) == plan
    assert any(plan.alternatives for plan in later.values())


class Pipe:
    """The band's end of the pipe: two asks, then it is gone."""

    def __init__(self, asks):
        self.asks, self.sent = list(asks), []

    def poll(self, _):
        return True

    def recv(self):
        if not self.asks:
            raise EOFError
        return self.asks.pop(0)

    def send(self, message):
        self.sent.append(message)


def test_the_process_sends_a_plan_again_only_with_other_chords(band):
    band.forget()
    notes = tune(8, up=lambda bar: 6 * (bar >= 6))
    base = Ask(1, 5, 1, "follow", FOUR, 100.0, 103, 104, 124, origin=32, heard=tuple(notes[:26]), heard_until=103)
    asks = [replace(base, id=number, alternatives=bool(number % 2)) for number in range(1, 5)]
    pipe = Pipe(asks)
    with pytest.raises(EOFError):
        serve(pipe, band)
    plans = [message[1] for message in pipe.sent if message[0] == "plan"]
    assert {plan.ask for plan in plans} == {1, 2, 3, 4}
    for number in range(1, 5):
        own = [plan for plan in plans if plan.ask == number]
        assert own[0].alternatives == ()
        assert all(plan.alternatives for plan in own[1:])
        assert len(own) <= 1 + number % 2

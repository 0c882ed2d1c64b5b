"""What follow's band plays: the player's own chords, on their bar lines, from the second turn on."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from tests.band.asks import chord_at
from tests.jam.rig import Rig, RulesLink

from sideman.band.ensemble import Ensemble
from sideman.band.messages import Ask, Phrase
from sideman.band.rules import rules_plan
from sideman.jam.book import splice
from sideman.jam.events import PlanReady
from sideman.music.chords import parse_chord
from sideman.music.meter import FRAME_TICKS, Meter, parse_meter
from sideman.music.notes import Note

LOOP = tuple(parse_chord(name) for name in ("C:maj", "A:min", "F:maj", "G:maj"))
TONES = {0: (48, 52, 55), 9: (45, 48, 52), 5: (41, 45, 48), 7: (43, 47, 50)}
METERS = ("4/4", "3/4", "7/8 3+2+2")
HOLD = 240 // 4


@cache
def band():
    return Ensemble()


def arpeggios(meter: Meter, bar: int, root: int):
    """A broken chord in the middle register, an eighth each."""
    tones = [p + 12 for p in TONES[root]]
    count = meter.bar_ticks // 480
    return [Note(bar * meter.bar_ticks + i * 480, 430, tones[(0, 1, 2, 1)[i % 4]], 90) for i in range(count)]


def blocks(meter: Meter, bar: int, root: int):
    """A chord on the bar line and on every other strong beat."""
    starts = [*meter.groups, meter.bar_ticks]
    return [
        Note(bar * meter.bar_ticks + at, until - at - HOLD, pitch + 12, 90)
        for at, until in pairwise(starts)
        for pitch in TONES[root]
    ]


def basses(meter: Meter, bar: int, root: int):
    """Roots and a fifth, low."""
    low = TONES[root][0] - 12
    count = len(meter.beats)
    return [
        Note(bar * meter.bar_ticks + beat, meter.beat_ticks - HOLD, low + (7 if i == count - 1 else 0), 90)
        for i, beat in enumerate(meter.beats)
    ]


def followed(answer, meter: Meter, notes, bars: int, commit: int, entry_bar: int = 2):
    """The chords that stand after some bars, asked for as the conductor does: a frame before each beat."""
    beat, bar = meter.beat_ticks // FRAME_TICKS, meter.bar_frames
    origin = entry_bar * bar
    book, committed, sent = (), origin, 0
    for number, line in enumerate(range(beat, bars * bar, beat)):
        now = line - 1
        heard = tuple(n for n in notes if sent <= n.tick < now * FRAME_TICKS)
        sent = now * FRAME_TICKS
        live = now >= origin - 1
        if now >= origin:
            committed = max(committed, now + commit * beat)
        start = max(committed, now + 1)
        end = now + 1 + max(commit, 4) * beat + beat if live else start
        stands = tuple(c for c in splice(book, (), committed, 1 << 40) if c.end > start - 64)
        ask = Ask(
            id=number, seed=5, epoch=1, mode="follow", meter=meter, bpm=100.0, frame=now, start=start if live else now,
            end=end if live else now, origin=origin, heard=heard, heard_until=now, chords=stands,
        )  # fmt: skip
        plan = answer(ask, tuple(n for n in notes if n.tick < sent))
        if live:
            book = splice(book, plan.chords, start, end)
    return book


def by_band(ask, _heard):
    return band().answer(ask)


def by_rules(ask, heard):
    return rules_plan(ask, None, heard)


@pytest.fixture(params=[by_band, by_rules], ids=["model", "rules"])
def answer(request):
    band().forget()
    return request.param


@pytest.mark.parametrize("commit", [4, 2, 0])
@pytest.mark.parametrize("texture", [arpeggios, blocks, basses])
@pytest.mark.parametrize("text", METERS)
def test_a_loop_stands_on_its_bar_lines_from_the_second_turn_on(answer, text, texture, commit):
    meter = parse_meter(text)
    notes = [n for bar in range(12) for n in texture(meter, bar, LOOP[bar % 4].root)]
    book = followed(answer, meter, notes, 12, commit)
    size = meter.bar_frames
    for frame in range(4 * size, 11 * size):
        chord = chord_at(book, frame)
        assert chord is not None
        assert chord.triad == LOOP[frame // size % 4], (frame // size, frame % size)


def test_chords_change_on_strong_beats_under_a_line(answer):
    pitches = (64, 67, 72, 71, 69, 65, 62, 64, 66, 69, 74, 73, 70, 67, 63, 60, 61, 68, 65, 72)
    notes = [Note(i * 720, 600, pitches[i * 7 % 20], 90) for i in range(60)]
    for commit in (4, 2, 0):
        band().forget()
        book = followed(answer, Meter(), notes, 11, commit)
        onsets = [span.onset for span in book]
        assert {onset % 4 for onset in onsets} == {0}
        assert sum(onset % 8 == 0 for onset in onsets) >= 0.75 * len(onsets)
        assert len({span.chord for span in book}) > 1


@pytest.mark.parametrize("text", METERS)
def test_short_groups_get_no_chord_of_their_own(answer, text):
    meter = parse_meter(text)
    pitches = (64, 67, 72, 71, 69, 65, 62, 64, 66, 69, 74, 73, 70, 67, 63, 60, 61, 68, 65, 72)
    notes = [Note(i * 480, 400, pitches[i * 7 % 20], 90) for i in range(80)]
    allowed = {0, 4, 8, 12} if text == "4/4" else {0, 4, 8} if text == "3/4" else {0}
    assert {span.onset % meter.bar_frames for span in followed(answer, meter, notes, 10, 2)} <= allowed


def test_a_chord_that_does_not_come_round_goes_on(answer):
    notes = [n for bar, root in enumerate((0, 9, 5, 5, 5, 5, 5)) for n in blocks(Meter(), bar, root)]
    book = followed(answer, Meter(), notes, 7, 2)
    assert {chord_at(book, f).triad.root for f in range(4 * 16, 6 * 16)} <= {5, 0, 9}
    assert {chord_at(book, f).triad.root for f in range(6 * 16, 7 * 16)} == {5}


def test_another_loop_takes_over(answer):
    other = tuple(parse_chord(name) for name in ("A:min", "F:maj", "C:maj", "G:maj"))
    played = [LOOP[b % 4].root for b in range(8)] + [other[b % 4].root for b in range(12)]
    notes = [n for bar, root in enumerate(played) for n in arpeggios(Meter(), bar, root)]
    book = followed(answer, Meter(), notes, 20, 2)
    for bar in range(13, 19):
        assert chord_at(book, bar * 16).triad == other[bar % 4], bar


def test_the_players_own_chord_wins_over_what_was_expected_with_no_commitment(answer):
    played = [0, 9, 5, 7, 0, 9, 5, 7, 2, 2]
    tones = dict(TONES)
    tones[2] = (50, 53, 57)
    notes = []
    for bar, root in enumerate(played):
        notes += [Note(bar * 3840 + at, 1800, p, 90) for at in (0, 1920) for p in tones[root]]
    book = followed(answer, Meter(), notes, 10, 0)
    assert chord_at(book, 8 * 16 + 8) == parse_chord("D:min")


def test_the_band_hears_nothing_where_nothing_was_played():
    ask = Ask(
        id=1, seed=1, epoch=9, mode="follow", meter=Meter(), bpm=100.0, frame=15, start=16, end=32, heard_until=15
    )
    assert replace(band().answer(ask), model_ms=()).chords == ()


class BandLink(RulesLink):
    """Answers by the whole band, models and all."""

    def ask(self, ask):
        self.post(PlanReady(self.clock.now() + self.latency_ns, band().answer(ask)))


@pytest.mark.parametrize("model", [True, False], ids=["model", "rules"])
@pytest.mark.parametrize("commit", [4, 2, 0])
@pytest.mark.parametrize("text", METERS)
def test_the_whole_box_follows_a_loop(text, commit, model):
    band().forget()
    meter = parse_meter(text)
    rig = Rig(mode="follow", tempo_fixed=True, bpm=96, meter=meter, commit_beats=commit)
    if model:
        rig.link = rig.jam.ports.link = BandLink(rig.clock)
        rig.link.post = rig.conductor.post
    rig.press("START", -1)
    for bar in range(14):
        for note in arpeggios(meter, bar, LOOP[bar % 4].root):
            rig.note(note.tick / 960, note.pitch, note.duration / 960)
    beats = meter.bar_ticks / 960
    seen = {}
    for bar in range(4, 13):
        for part in (0.1, 0.6, 0.9):
            rig.run((bar + part) * beats)
            line = rig.jam.timeline
            frame = line.tick(rig.at((bar + part) * beats)) // FRAME_TICKS
            seen[bar, part] = chord_at(rig.jam.book.chords, frame).triad
    assert seen == {(bar, part): LOOP[bar % 4] for bar, part in seen}


@pytest.mark.parametrize("texture", [arpeggios, blocks, basses])
@pytest.mark.parametrize("text", METERS)
def test_rules_and_models_enter_on_the_same_chords(text, texture):
    meter = parse_meter(text)
    phrase = Phrase(tuple(n for bar in range(4) for n in texture(meter, bar, LOOP[bar].root)), 4, meter, 100.0)
    form = 4 * meter.bar_frames
    ask = Ask(
        id=1, seed=5, epoch=7, mode="trade", meter=meter, bpm=100.0, frame=form - 1, start=form, end=2 * form,
        origin=form, form_frames=form, phrase=phrase,
    )  # fmt: skip
    wanted = [(form + i * meter.bar_frames, chord) for i, chord in enumerate(LOOP)]
    assert [(s.onset, s.chord.triad) for s in rules_plan(ask, phrase, ()).chords] == wanted
    assert [(s.onset, s.chord.triad) for s in band().answer(ask).chords] == wanted

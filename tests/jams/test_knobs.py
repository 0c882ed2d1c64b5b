"""Every knob moves what it says it moves, on the whole program with its models: rho of at least .9 over its settings."""

from functools import cache
from itertools import pairwise

import pytest

from sideman.band.ensemble import Ensemble
from sideman.jam.cues import PlanShown
from sideman.jam.events import PlanReady
from sideman.music.chords import parse_chord
from sideman.sim.players.tunes import tune
from tests.jam.rig import Rig

BAR = 16
ENOUGH = 0.9 - 1e-9
SCALE_OF_C = {0, 2, 4, 5, 7, 9, 11}
OPEN_ENDS = ((72, 69, 72, 69), (64, 69, 72, 72), (74, 72, 71, 72))
"""Eighth bars that the tonic may carry and other chords too: what decides is how much a cadence is sought."""
LEADING = ((72, 74, 76, 74), (74, 79, 77, 74), (76, 72, 74, 72), (77, 76, 74, 72), (72, 74, 76, 79), (74, 77, 76, 74),
           (74, 72, 71, 69))  # fmt: skip


class Models:
    """The band with its networks, in this process; what was asked is kept."""

    shared: Ensemble | None = None

    def __init__(self):
        Models.shared = Models.shared or Ensemble()
        Models.shared.forget()
        self.asks, self.rig = [], None

    def ask(self, ask):
        self.asks.append(ask)
        plan = Models.shared.answer(ask)
        self.rig.conductor.post(PlanReady(self.rig.clock.now() + 1_000_000, plan))


def followed(notes, beats, **options):
    """A jam in ``follow``: notes as (beat, length, pitch)."""
    link = Models()
    rig = link.rig = Rig(link=link, mode="follow", tempo_fixed=True, bpm=96, **options)
    rig.press("START", -1)
    for beat, length, pitch in notes:
        rig.note(beat, pitch, length)
    return rig.finish(beats)


@cache
def on_tune(seed, bars=20, **options):
    """What a tune of a seed brought about: every frame's chord, from its entry on."""
    line = [(at / 4, length / 4, pitch) for at, length, pitch in tune(seed, bars).melody]
    rig = followed(line, bars * 4, **options)
    return tuple(parse_chord(label) for _, frames, label in rig.jam.recorder.chords for _ in range(frames))


def over(seeds, measure, **options):
    return sum(measure(on_tune(seed, **options)) for seed in seeds) / len(seeds)


def rho(values):
    """Spearman's rank correlation with the order given (ties share their mean rank)."""
    n = len(values)
    ranks = [sum(v < w for v in values) + (sum(v == w for v in values) - 1) / 2 for w in values]
    mean = (n - 1) / 2
    own = sum((r - mean) ** 2 for r in ranks) ** 0.5 * sum((i - mean) ** 2 for i in range(n)) ** 0.5
    return sum((r - mean) * (i - mean) for i, r in enumerate(ranks)) / own if own else 0.0


def test_the_ranks_themselves():
    assert rho([1, 2, 3, 4, 5]) == pytest.approx(1)
    assert rho([5, 4, 3, 2, 1]) == pytest.approx(-1)
    assert rho([2, 2, 2]) == 0
    assert rho([1, 2, 4, 3, 5]) == pytest.approx(0.9)


def changes(chords):
    return sum(a.triad != b.triad for a, b in pairwise(chords)) / (len(chords) / BAR)


def foreign(chords):
    return sum(len(set(c.triad.pitch_classes) - SCALE_OF_C) for c in chords) / len(chords)


def test_harmonic_rhythm_more_changes():
    found = [over((1, 2), changes, harmonic_rhythm=v) for v in (0.25, 0.5, 1.0, 1.5, 2.0)]
    assert rho(found) >= ENOUGH, found
    assert found[-1] > 1.5 * found[0]


def test_complexity_more_tones_a_chord():
    found = [over((1, 2), lambda c: sum(len(x.pitch_classes) for x in c) / len(c), complexity=v, style="jazz")
             for v in range(4)]  # fmt: skip
    assert rho(found) >= ENOUGH, found
    assert found[0] == pytest.approx(3, abs=0.2)  # but for chords that the player broke himself


def test_temperature_further_from_the_likeliest():
    def away(seed, value):
        plain, bold = on_tune(seed, temperature=0.0), on_tune(seed, temperature=value)
        return sum(a.triad != b.triad for a, b in zip(plain, bold, strict=True)) / len(plain)

    found = [sum(away(seed, v) for seed in (1, 2, 3)) for v in (0.0, 0.5, 1.0, 2.0, 3.0)]
    assert found[0] == 0
    assert found[-1] > 0
    assert rho(found) >= ENOUGH, found


def test_key_lock_fewer_tones_outside_the_key():
    found = [over((1, 2), foreign, key="C maj", key_lock=v) for v in (0.0, 0.5, 1.0, 1.5, 2.0)]
    assert rho(found) <= -ENOUGH, found
    assert found[-1] < 0.7 * found[0]


def test_cadence_more_forms_end_at_home():
    def homes(value):
        count = 0
        for end in OPEN_ENDS:
            bars = (*LEADING, end)
            line = [(b * 4 + i, 0.9, pitch) for b in range(17) for i, pitch in enumerate(bars[b % 8])]
            rig = followed(line, 68, cadence=value, form="8", temperature=0.0, key="C maj", key_lock=0.0)
            one = rig.jam.session.one
            chords = [(onset, onset + frames, label) for onset, frames, label in rig.jam.recorder.chords]
            last = [one + turn * 8 * BAR - 1 for turn in (1, 2)]
            count += sum(parse_chord(x).root == 0 for frame in last for a, b, x in chords if a <= frame < b)
        return count

    # Six forms are soon all at home, and ties are no rank: the rho is that of ``evaluate knobs``, on whole pieces.
    found = [homes(v) for v in (0.0, 0.5, 1.0, 1.5, 2.0)]
    assert found == sorted(found)
    assert found[0] < found[-1] == 2 * len(OPEN_ENDS)


# how far ahead -------------------------------------------------------------------------------------------------------


def short(**options):
    line = [(at / 4, length / 4, pitch) for at, length, pitch in tune(1, 8).melody]
    return followed(line, 32, **options)


def test_silence_later_entry():
    found = [short(silence_beats=v).jam.recorder.chords[0][0] for v in (0, 5, 8, 12, 16)]
    assert rho(found) >= ENOUGH, found  # on bar lines: some beats more may mean the same one
    assert found[2] == 2 * BAR


def test_lookahead_further_plans():
    def reach(value):
        rig = short(lookahead_beats=value, commit_beats=1, adaptive_commit=False)
        shown = [item for item in rig.front.items if isinstance(item, PlanShown) and item.chords]
        return max(item.chords[-1][0] + item.chords[-1][1] - item.frame for item in shown)

    found = [reach(v) for v in (1, 2, 4, 6, 8)]
    assert found == sorted(set(found))


def test_commit_further_committed():
    def committed(value):
        rig = short(lookahead_beats=8, commit_beats=value, adaptive_commit=False, surprise_break=False)
        live = [ask for ask in rig.link.asks if ask.frame > rig.jam.recorder.chords[0][0]]
        return sum(ask.start - ask.frame for ask in live) / len(live)

    found = [committed(v) for v in (0, 1, 2, 4, 8)]
    assert found == sorted(set(found))

"""Known tunes through the box: ``sideman harmonise`` for a file, ``trade`` and ``follow`` as whole jams."""

from __future__ import annotations

import random
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from sideman.band.harmony import parsed_key
from sideman.jam.options import Options
from sideman.jam.take_data import TakeData, TakePart
from sideman.music.chords import triad_index
from sideman.music.leadsheet import UNIT
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.notes import Note
from sideman.service.harmonise import melody_of
from sideman.service.leadsheet import lead_sheet
from sideman_lab.offline import BEGIN, LATENCY, SECOND, OfflineBox
from sideman_lab.tunes.measure import NONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sideman.band.models import Models
    from sideman.music.harmony import Key
    from sideman.music.leadsheet import LeadSheet
    from sideman_lab.tunes.read import KnownTune

JITTER_S = 0.012
"""Standard deviation of a player's onsets."""
LEGATO = 0.92
ROUNDS = 3
WAIT_BARS = 2
"""Bars between STOP and PLAY."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the box made of a tune.

    Attributes:
        chords: Triad class in each frame of the player's own timeline, for each time through that was listened to.
        key: The key it named.
        bpm: Tempo it found, quarters a minute.
        sure: How sure it was of the tempo, 0-1; None where that was not asked.
        downbeat: Whether its bar lines were the player's, None where it is not known.
    """

    chords: tuple[tuple[int, ...], ...]
    key: Key | None
    bpm: float = 0.0
    sure: float | None = None
    downbeat: bool | None = None


def performed(tune: KnownTune, seed: int = 1, rounds: int = 1) -> list[Note]:
    """The tune as a person plays it: onsets and velocities by seed; ticks as written."""
    rng = random.Random(f"{seed}:{tune.name}")
    sway = JITTER_S * tune.bpm / 60 * TICKS_PER_QUARTER
    size = len(tune.plain) * FRAME_TICKS
    first = tune.notes[0].tick
    out = []
    for turn in range(rounds):
        for note in tune.notes:
            if turn and note.tick < 0:
                continue
            at = note.tick + turn * size + round(rng.gauss(0, sway))
            velocity = round(min(120, max(40, rng.gauss(84 if note.tick % tune.meter.bar_ticks else 94, 7))))
            at = max(at, first)
            out.append(Note(at, max(60, round(note.duration * LEGATO)), note.pitch, velocity))
    return sorted(out)


def harmonise(tune: KnownTune, models: Models, seed: int = 1) -> Heard:
    """As ``sideman harmonise`` does with a take: meter and tempo known, no key given."""
    written = sheet(tune, models, seed)
    lead_in = _lead_in(tune)
    named = [NONE] * len(tune.plain)
    per = FRAME_TICKS // UNIT
    for chord in written.chords:
        for unit in range(chord.on, chord.off, per):
            frame = (unit - lead_in // UNIT) // per
            if 0 <= frame < len(named):
                named[frame] = triad_index(chord.chord)
    return Heard((tuple(named),), written.keys[0][1])


def sheet(tune: KnownTune, models: Models, seed: int = 1) -> LeadSheet:
    """The lead sheet that the box writes of a performance."""
    lead_in = _lead_in(tune)
    rows = tuple((n.tick + lead_in, n.duration, n.pitch, n.velocity) for n in performed(tune, seed))
    micros = round(60 * SECOND / tune.bpm)
    take = TakeData(((0, micros),), ((0, tune.meter),), (), {"player": TakePart(0, None, rows)}, tune.title)
    return lead_sheet(take, melody_of(take), models)


def _lead_in(tune: KnownTune) -> int:
    """Ticks before the first bar line: a bar where there is a pickup."""
    return tune.meter.bar_ticks if tune.notes[0].tick < 0 else 0


def trade(tune: KnownTune, seed: int = 1) -> Heard:
    """START, the tune, STOP on the closing downbeat, PLAY two bars later; the chords of the first time round."""
    box, start, at = started(tune, "trade", seed, 1)
    end = at(len(tune.plain))
    play = at(len(tune.plain) + WAIT_BARS * tune.meter.bar_frames)
    box.press(end, "STOP")
    box.press(play, "PLAY")
    box.run(play - SECOND // 100)
    material = box.conductor.jam.session.material
    named = _sampled(box, [play + at(i) - start for i in range(len(tune.plain))])
    if material is None:
        return Heard((named,), None)
    box_first = material.phrase.notes[0].tick if material.phrase.notes else 0
    scale = material.phrase.bpm / tune.bpm
    right = abs(box_first - tune.notes[0].tick * scale) < TICKS_PER_QUARTER / 2 * scale
    after = box.conductor.jam.session.material
    key = parsed_key(after.key) if after is not None else None
    return Heard((named,), key, material.phrase.bpm, material.confidence, right)


def follow(tune: KnownTune, seed: int = 1) -> Heard:
    """The tune three times round; chords of each time."""
    box, _, at = started(tune, "follow", seed, ROUNDS)
    n = len(tune.plain)
    size = tune.meter.bar_frames
    rounds, offs = [], []
    for turn in range(ROUNDS):
        named: list[int] = []
        for bar in range(turn * n, (turn + 1) * n, size):
            named += _sampled(box, [at(i) for i in range(bar, bar + size)])
            if turn == ROUNDS - 1:
                offs.append(_off_bar_line(box, at(bar + size)))
        rounds.append(tuple(named))
    bpm = box.conductor.jam.timeline.tempo.bpm
    right = median(offs) < TICKS_PER_QUARTER / 2 * max(bpm / tune.bpm, 0.5)
    return Heard(tuple(rounds), None, bpm, None, right)


def _off_bar_line(box: OfflineBox, moment: int) -> int:
    """Ticks from a moment close to now to the box's nearest bar line."""
    line = box.conductor.jam.timeline
    bar = line.meter.bar_ticks
    return abs((line.tick(moment) + bar // 2) % bar - bar // 2)


def started(
    tune: KnownTune, mode: str, seed: int = 1, rounds: int = 1, *, latency: int | None = LATENCY
) -> tuple[OfflineBox, int, Callable[[float], int]]:
    """A box that is played to, the moment of the tune's first bar line, and the moment of a frame."""
    quarter = 60 * SECOND / tune.bpm
    lead = max(0, -tune.notes[0].tick) / TICKS_PER_QUARTER
    start = BEGIN + SECOND + round((lead + 1) * quarter)

    def at(frame: float) -> int:
        return start + round(frame * FRAME_TICKS / TICKS_PER_QUARTER * quarter)

    box = OfflineBox(Options(mode=mode, meter=tune.meter), latency)
    box.press(BEGIN + SECOND // 2, "START")
    for note in performed(tune, seed, rounds):
        length = round(note.duration / TICKS_PER_QUARTER * quarter)
        box.note(at(note.tick / FRAME_TICKS), length, note.pitch, note.velocity)
    return box, start, at


def _sampled(box: OfflineBox, moments: list[int]) -> tuple[int, ...]:
    """The triad that the band plays a little after each moment, ``NONE`` where it plays none."""
    out = []
    for moment in moments:
        box.run(moment + SECOND // 20)
        jam = box.conductor.jam
        span = jam.book.chord_at(jam.timeline.tick(jam.now) // FRAME_TICKS) if jam.playing else None
        index = NONE if span is None else triad_index(span.chord)
        out.append(index if index < 36 else NONE)
    return tuple(out)


__all__ = ["Heard", "follow", "harmonise", "performed", "sheet", "started", "trade"]

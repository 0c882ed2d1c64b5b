"""Played phrases of known tempo: grooves of the Groove MIDI Dataset, melodies of POP909, riffs in other meters."""

from __future__ import annotations

import csv
import io
import random
import tarfile
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import mido

from sideman.music.meter import Meter
from sideman_lab.data import gmd, pop909
from sideman_lab.splits import side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GHOST_VELOCITY = 12
CLOSE_SIGMA_S = 0.030
NEAR_S = 0.070
"""A first onset this near to the bar line counts as on it."""
NS = 1_000_000_000
PAIRED = 0.95
"""A POP909 song is used when so many notes of its two transcriptions agree in pitch, and lie on one grid."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase as the box hears it, and the truth.

    Attributes:
        source: ``taps``, ``bass``, ``melody`` or ``synthetic``.
        piece: The performance or song it was cut from.
        onsets: (ns, velocity), rising.
        pitches: One an onset, or empty where the lane has none.
        close_ns: The closing press, the true end plus its error.
        meter: Its meter.
        bpm: Quarters a minute between downbeat and end.
        downbeat_ns: The first bar line.
        bars: Whole bars.
    """

    source: str
    piece: str
    onsets: tuple[tuple[int, int], ...]
    pitches: tuple[int, ...]
    close_ns: int
    meter: Meter
    bpm: float
    downbeat_ns: int
    bars: int


@dataclass(frozen=True, slots=True)
class Line:
    """A whole performance in one lane: notes in seconds and a way from 16ths to seconds."""

    source: str
    piece: str
    notes: tuple[tuple[float, int, int], ...]
    """(seconds, velocity, pitch), rising; pitch -1 where there is none."""
    bar_lines: tuple[float, ...]
    meter: Meter


def grooves(folder: Path, rows: str) -> list[Line]:
    """Tap lanes (loudest hit of each 16th) and bass lanes (kick only) of the beats of one split."""
    found = []
    for p in gmd.load(folder):
        if p.split != rows or p.beat_type != "beat":
            continue
        step_s = 15.0 / p.bpm
        lines = tuple(bar * p.meter.bar_frames * step_s for bar in range(p.bars + 1))
        taps: list[tuple[float, int, int]] = []
        bass: list[tuple[float, int, int]] = []
        for step, voices in enumerate(p.grid):
            loudest = max(voices, key=lambda v: v[1])
            for lane, (hit, velocity, offset) in ((taps, loudest), (bass, voices[0])):
                if hit and velocity * 127 >= GHOST_VELOCITY:
                    lane.append(((step + float(offset)) * step_s, round(float(velocity) * 127), -1))
        found.append(Line("taps", p.name, tuple(sorted(taps)), lines, p.meter))
        found.append(Line("bass", p.name, tuple(sorted(bass)), lines, p.meter))
    return found


def melodies(data: Path, rows: str) -> list[Line]:
    """MELODY of POP909 with its recorded timing, over the bar lines aligned by hand.

    The published beats and bar lines of the MIDI are not to be trusted; those of ``pop909-structure`` are: its notes
    are paired with the recorded ones, which gives the recorded moment of each bar line. Songs whose notes do not
    agree are left out.
    """
    songs = {str(p["id"]): p for p in pop909.read(data) if side(str(p["id"])) == rows}
    triple = _triple(data / "pop909" / "index.tsv")
    found = []
    with tarfile.open(data / "pop909" / "pop909.tar.gz") as tar:
        for member in tar:
            song = "pop909-" + member.name.split("/")[1]
            if not member.name.endswith(".mid") or song not in songs:
                continue
            stream = tar.extractfile(member)
            if stream is None:
                continue
            line = _melody(song, mido.MidiFile(file=io.BytesIO(stream.read())), songs[song]["melody"], triple)
            if line is not None:
                found.append(line)
    return sorted(found, key=lambda each: each.piece)


def _triple(index: Path) -> frozenset[str]:
    with index.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return frozenset(f"pop909-{r['song_id']}" for r in rows if r["num_beats_per_measure"] == "3")


def _melody(song: str, midi: mido.MidiFile, score: Sequence[Sequence[float]], triple: frozenset[str]) -> Line | None:
    track = next((t for t in midi.tracks if t.name == "MELODY"), None)
    if track is None:
        return None
    tick, played = 0, []
    for message in track:
        tick += message.time
        if message.type == "note_on" and message.velocity >= GHOST_VELOCITY:
            played.append((tick, message.velocity, message.note))
    played.sort()
    pairs = _paired(score, played)
    step = midi.ticks_per_beat / 4
    if len(pairs) < PAIRED * max(len(score), len(played)):
        return None
    # One offset between the ticks and the 16ths; it may move where the tempo track of the recording jumps.
    shift = median(t - s * step for s, t in pairs)
    if sum(abs(t - s * step - shift) <= 0.75 * step for s, t in pairs) < PAIRED * len(pairs):
        return None
    seconds = _clock(midi)
    meter = Meter(3, 4) if song in triple else Meter()
    bars = int(pairs[-1][0] // meter.bar_frames) + 1
    lines = tuple(seconds(shift + bar * meter.bar_frames * step) for bar in range(bars + 1))
    notes = tuple((seconds(t), velocity, pitch) for t, velocity, pitch in played)
    return Line("melody", song, notes, lines, meter)


def _paired(score: Sequence[Sequence[float]], played: Sequence[tuple[int, int, int]]) -> list[tuple[float, int]]:
    """Notes of the score and of the recording that agree in pitch, walking both with a look ahead of four."""
    pairs, i, j = [], 0, 0
    while i < len(score) and j < len(played):
        if score[i][2] == played[j][2]:
            pairs.append((score[i][0], played[j][0]))
            i, j = i + 1, j + 1
            continue
        skips = sorted(
            (a + b, a, b)
            for a in range(5)
            for b in range(5)
            if i + a < len(score) and j + b < len(played) and score[i + a][2] == played[j + b][2]
        )
        _, a, b = skips[0] if skips else (0, 1, 1)
        i, j = i + a, j + b
    return pairs


def _clock(midi: mido.MidiFile) -> Callable[[float], float]:
    """From ticks to seconds over the file's tempo events."""
    ticks, seconds, tempos = [0], [0.0], [500_000]
    at = 0
    for message in mido.merge_tracks(midi.tracks):
        at += message.time
        if message.type == "set_tempo":
            seconds.append(seconds[-1] + (at - ticks[-1]) * tempos[-1] / midi.ticks_per_beat / 1e6)
            ticks.append(at)
            tempos.append(message.tempo)

    def clock(tick: float) -> float:
        i = max(0, bisect_right(ticks, tick) - 1)
        return float(seconds[i] + (tick - ticks[i]) * tempos[i] / midi.ticks_per_beat / 1e6)

    return clock


def cut(lines: Sequence[Line], n: int, lengths: Sequence[int], seed: int, *, pickups: bool = False) -> list[Phrase]:
    """Cut phrases at random: a line, a length, a bar line with an onset on it (or a pickup before it).

    Args:
        lines: What to cut from; each phrase draws its line anew.
        n: How many.
        lengths: Bars to draw from.
        seed: Of the drawing.
        pickups: Also begin before the bar line, after a rest of a beat or more, up to three quarters of a bar.
    """
    rng = random.Random(seed)
    found: list[Phrase] = []
    for _ in range(100 * n):
        if len(found) == n:
            break
        line = rng.choice(lines)
        bars = rng.choice(lengths)
        if len(line.bar_lines) <= bars:
            continue
        bar = rng.randrange(len(line.bar_lines) - bars)
        phrase = _phrase(line, bar, bars, rng.gauss(0.0, CLOSE_SIGMA_S), pickups=pickups)
        if phrase is not None:
            found.append(phrase)
    return found


def _phrase(line: Line, bar: int, bars: int, error: float, *, pickups: bool) -> Phrase | None:
    start, end = line.bar_lines[bar], line.bar_lines[bar + bars]
    quarters = bars * line.meter.bar_ticks / 960
    bpm = 60 * quarters / (end - start)
    beat = 60 / bpm * line.meter.beat_ticks / 960
    times = [note[0] for note in line.notes]
    first, stop = bisect_left(times, start - NEAR_S), bisect_left(times, end - NEAR_S)
    if pickups:
        # A pickup: the notes just before the bar line, back to the last rest.
        low = start - 0.75 * (end - start) / bars
        at = first
        while at > 0 and times[at - 1] >= low and (at == len(times) or times[at] - times[at - 1] < beat):
            at -= 1
        rested = at == 0 or times[at] - times[at - 1] >= beat
        first = at if at < first and rested else first
    notes = line.notes[first:stop]
    if len(notes) < max(4, 2 * bars) or notes[0][0] > start + NEAR_S:
        return None
    if notes[-1][0] < end - (end - start) / bars:
        return None
    zero = notes[0][0] - 1.0
    return Phrase(
        line.source,
        line.piece,
        tuple((round((t - zero) * NS), velocity) for t, velocity, _ in notes),
        tuple(p for _, _, p in notes if p >= 0),
        round((end + error - zero) * NS),
        line.meter,
        bpm,
        round((start - zero) * NS),
        bars,
    )


def synthetic(meter: Meter, n: int, seed: int, lengths: Sequence[int] = (2, 4, 8)) -> list[Phrase]:
    """Riffs in a meter: a bar drawn by metrical weight, repeated with small changes, 15 ms of human timing."""
    rng = random.Random(seed)
    found: list[Phrase] = []
    while len(found) < n:
        bpm = min(200.0, max(60.0, 110 * 2 ** rng.gauss(0, 0.4)))
        bars, step = rng.choice(lengths), 15 / bpm
        chance = {4: 1.0, 3: 0.85, 2: 0.6, 1: 0.45, 0: 0.12}
        weights = [meter.weight(i * 240) for i in range(meter.bar_frames)]
        riff = [(i, rng.randrange(36, 60)) for i, w in enumerate(weights) if rng.random() < chance[w]]
        notes = []
        for bar in range(bars):
            for i, pitch in riff:
                if rng.random() < 0.1 and i:
                    continue
                low = 36 if i == 0 else pitch
                velocity = min(127, max(20, round(70 + 8 * weights[i] + rng.gauss(0, 8))))
                notes.append((1.0 + (bar * meter.bar_frames + i) * step + rng.gauss(0, 0.015), velocity, low))
        notes.sort()
        if len(notes) < 4:
            continue
        end = 1.0 + bars * meter.bar_frames * step + rng.gauss(0, CLOSE_SIGMA_S)
        found.append(
            Phrase(
                "synthetic",
                f"{meter}-{len(found)}",
                tuple((round(t * NS), v) for t, v, _ in notes),
                tuple(p for *_, p in notes),
                round(end * NS),
                meter,
                bpm,
                NS,
                bars,
            )
        )
    return found


def still_playing(phrases: Sequence[Phrase], bars: float) -> list[Phrase]:
    """Phrases as follow mode hears them: the first bars of those that are so long, not closed."""
    found = []
    for p in phrases:
        if p.bars < bars:
            continue
        end = p.downbeat_ns + bars * p.meter.bar_ticks / 960 * 60e9 / p.bpm
        keep = sum(ns < end for ns, _ in p.onsets)
        if keep >= 4:
            found.append(replace(p, onsets=p.onsets[:keep], pitches=p.pitches[:keep]))
    return found


def late(phrase: Phrase, seed: int) -> Phrase:
    """The same phrase closed 80 to 300 ms too late, at most 0.45 of a beat."""
    beat = 60e9 / phrase.bpm * phrase.meter.beat_ticks / 960
    by = min(random.Random(seed).uniform(0.08, 0.3) * NS, 0.45 * beat)
    return replace(phrase, close_ns=phrase.close_ns + round(by))

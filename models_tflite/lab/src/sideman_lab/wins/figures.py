"""The six figures of a take, out of its MIDI file alone: an old take is measured by the same ruler as a new one."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean, median
from typing import TYPE_CHECKING

import mido
import numpy as np

from sideman_lab.wins.takes import BARS, BEATS

if TYPE_CHECKING:
    from pathlib import Path

BAND = ("drums", "bass", "chords")
NEAR = 0.125
"""Beats between an onset and the place it stands for: half a 16th."""
OFF_BEAT = (0.42, 0.72)
"""Where in its beat an off-beat eighth may lie, straight or swung."""
BACKBEAT = frozenset({(0, "kick"), (8, "kick"), (4, "snare"), (12, "snare")})
"""Kick and snare of the plainest rock bar, in 16ths: the naive beat that every style is held against."""
FEET = {35: "kick", 36: "kick", 37: "snare", 38: "snare", 40: "snare"}
LAGS = (0.0, 0.5, 1.0, 1.5)
"""Bars by which the band may follow the player."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A note of a take: onset in beats, pitch, velocity."""

    at: float
    pitch: int
    velocity: int


Parts = dict[str, list[Struck]]


def parts_of(take: Path) -> Parts:
    """Every part's notes, in time."""
    file, out = mido.MidiFile(str(take)), {}
    for track in file.tracks[1:]:
        now, notes = 0, []
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                notes.append(Struck(now / file.ticks_per_beat, message.note, message.velocity))
        if notes:
            out[track.name] = notes
    return out


def figures(parts: Parts) -> dict[str, float | None]:
    """All of them but the mix, which has to be heard; None where the take does not say."""
    entry = min((note.at for part in BAND for note in parts.get(part, ())), default=0.0)
    first = BEATS * round(entry / BEATS)
    return {
        "on_beat_kept": on_beat_kept(parts, first),
        "swing_distance": swing_distance(parts),
        "chorus_3_like_1": chorus_likeness(parts, first),
        "backbeat": backbeat(parts, first),
        "loudness": loudness(parts, first),
    }


def on_beat_kept(parts: Parts, first: int) -> float | None:
    """Share of the player's onsets on beats of the phrase at which the solo's first turn has one too."""
    solo = [n for n in parts.get("solo", ()) if n.at >= first - NEAR]
    if not solo:
        return None
    begin = BEATS * int((solo[0].at + NEAR) // BEATS)
    phrase = _beats(*_phrase(parts))
    turn = _beats([n for n in solo if begin - NEAR <= n.at < begin + BEATS * BARS - NEAR], begin)
    return len(phrase & turn) / len(phrase) if phrase else None


def _phrase(parts: Parts) -> tuple[list[Struck], int]:
    """What the player played before the band, and the beat of its first bar line."""
    player = parts["player"]
    begin = BEATS * int((player[0].at + NEAR) // BEATS)
    return [n for n in player if n.at < begin + BEATS * BARS - NEAR], begin


def _beats(notes: list[Struck], since: int) -> set[int]:
    return {round(n.at - since) % (BEATS * BARS) for n in notes if abs(n.at - round(n.at)) <= NEAR}


def swing_distance(parts: Parts) -> float | None:
    """How far the off-beat eighths of the band's worst part lie from those of the player's phrase, in beats."""
    own = off_beat(_phrase(parts)[0])
    theirs = [found for part in BAND if (found := off_beat(parts.get(part, []))) is not None]
    return max(abs(found - own) for found in theirs) if own is not None and theirs else None


def off_beat(notes: list[Struck]) -> float | None:
    """The middle of the onsets that are off-beat eighths alone in their beat's second half."""
    places = [n.at % 1 for n in notes if OFF_BEAT[0] <= n.at % 1 <= OFF_BEAT[1]]
    late = {int(n.at) for n in notes if OFF_BEAT[1] < n.at % 1 < 1 - NEAR}
    early = {int(n.at) for n in notes if NEAR < n.at % 1 < OFF_BEAT[0]}
    alone = [n.at % 1 for n in notes if OFF_BEAT[0] <= n.at % 1 <= OFF_BEAT[1] and int(n.at) not in late | early]
    chosen = alone if len(alone) >= 4 else places
    return median(chosen) if len(chosen) >= 4 else None


def chorus_likeness(parts: Parts, first: int) -> float | None:
    """Jaccard of onsets (in 16ths) and pitches of the band's third turn with its first, the mean of its parts."""
    found = []
    for part in BAND:
        turns = [_turn(parts.get(part, []), first + k * BEATS * BARS) for k in (0, 2)]
        if turns[0] and turns[1]:
            found.append(len(turns[0] & turns[1]) / len(turns[0] | turns[1]))
    return mean(found) if found else None


def _turn(notes: list[Struck], since: int) -> set[tuple[int, int]]:
    size = BEATS * BARS
    return {(round(4 * (n.at - since)), n.pitch) for n in notes if -NEAR <= n.at - since < size - NEAR}


def backbeat(parts: Parts, first: int) -> float | None:
    """Jaccard of kick and snare, bar by bar, with the plainest rock bar."""
    bars: dict[int, set[tuple[int, str]]] = {}
    for note in parts.get("drums", ()):
        if note.pitch in FEET and note.at >= first - NEAR:
            place = round(4 * (note.at - first))
            bars.setdefault(place // 16, set()).add((place % 16, FEET[note.pitch]))
    return mean(len(bar & BACKBEAT) / len(bar | BACKBEAT) for bar in bars.values()) if bars else None


def loudness(parts: Parts, first: int) -> float | None:
    """Correlation of the band's bar means of velocity with the player's, at the best of ``LAGS``."""
    end = max(n.at for n in parts["player"])
    bars = range(first // BEATS + 2, int(end // BEATS) - 1)
    own = {lag: [_mean(parts["player"], bar - lag) for bar in bars] for lag in LAGS}
    if not bars or float(np.std([v for v in own[0.0] if v is not None] or [0.0])) < 6:
        return None
    theirs = [_mean([n for part in BAND for n in parts.get(part, ())], bar) for bar in bars]
    found = []
    for row in own.values():
        pairs = [(a, b) for a, b in zip(row, theirs, strict=True) if a is not None and b is not None]
        if len(pairs) >= 8 and np.std([b for _, b in pairs]) > 0:
            found.append(float(np.corrcoef(np.array(pairs).T)[0, 1]))
    return max(found, default=0.0)


def _mean(notes: list[Struck], bar: float) -> float | None:
    inside = [n.velocity for n in notes if BEATS * bar - NEAR <= n.at < BEATS * (bar + 1) - NEAR]
    return mean(inside) if inside else None


__all__ = ["BAND", "Parts", "Struck", "figures", "off_beat", "parts_of"]

"""From what was heard to a phrase: tempo, downbeat, whole bars."""

from __future__ import annotations

from dataclasses import replace

from sideman.band.messages import Phrase
from sideman.jam.core import Jam
from sideman.jam.listener import Played, as_notes, as_taps, pitches_of
from sideman.jam.session import Material
from sideman.music.tempo_finding import find_phrase_tempo

MAX_BARS = 64
REINTERPRETED = (0.5, 2.0, 2 / 3, 1.5)
"""Ratios of tapped to found tempo that mean 'same notes, other beat'."""
NEAR = 0.06


class TooShortError(ValueError):
    """Less than a beat of music: there is nothing to commit."""


def free_phrase(jam: Jam, played: list[Played], close_ns: int) -> Material:
    """Commit a phrase whose tempo only the playing tells; sets the timeline's pulse by it.

    The first note and the closing press give whole bars, the onsets decide how many (as a good looper does it).

    Raises:
        TooShortError: Fewer than two onsets, or less than half a second.
    """
    if len(played) < 2 or close_ns - played[0].ns < 500_000_000:
        raise TooShortError
    meter = jam.options.meter
    onsets, style = [(n.ns, n.velocity) for n in played], jam.options.style
    found = find_phrase_tempo(onsets, close_ns, meter, pitches=pitches_of(played), style=style)
    pickup_ns = max(0, found.downbeat_ns - played[0].ns)
    line = jam.timeline.anchor(found.downbeat_ns, found.bpm, meter, pickup_ns=pickup_ns)
    return Material(
        _phrase(jam, played, close_ns, line, found.bars),
        confidence=found.confidence,
        other_bpm=_offered(found.bpm, found.other),
    )


def _offered(bpm: float, other: float | None) -> float | None:
    """The other reading of a tempo, where taps can settle it (one of ``REINTERPRETED`` ratios)."""
    if other is None:
        return None
    ratio = next((r for r in REINTERPRETED if abs(other / bpm / r - 1) < NEAR), None)
    return None if ratio is None else bpm * ratio


def known_phrase(jam: Jam, played: list[Played], close_ns: int, start: int | None = None) -> Material:
    """Commit a phrase over a pulse that is known (tapped, fixed, or the band's own).

    Args:
        jam: The jam.
        played: Its notes.
        close_ns: The closing press.
        start: Tick of its downbeat; by default the bar line nearest to its first note.

    Raises:
        TooShortError: Under a beat of music.
    """
    line = jam.timeline
    close = line.tick(close_ns)
    if not played or close - line.tick(played[0].ns) < line.meter.beat_ticks:
        raise TooShortError
    zero = line.nearest_bar_line(line.tick(played[0].ns)) if start is None else start
    bars = min(MAX_BARS, max(1, (close - zero + line.meter.bar_ticks // 2) // line.meter.bar_ticks))
    return Material(_phrase(jam, played, close_ns, zero, bars))


def reinterpret(material: Material, ratio: float, bpm: float) -> Material:
    """The same playing on another beat: ticks scaled by ``ratio``, whole bars again."""
    phrase = material.phrase
    notes, taps = (
        tuple(replace(n, tick=round(n.tick * ratio), duration=max(30, round(n.duration * ratio))) for n in part)
        for part in (phrase.notes, phrase.taps)
    )
    ticks = phrase.bars * phrase.meter.bar_ticks * ratio
    bars = max(1, round(ticks / phrase.meter.bar_ticks))
    return Material(replace(phrase, notes=notes, taps=taps, bars=bars, bpm=bpm), confidence=1.0)


def _phrase(jam: Jam, played: list[Played], close_ns: int, zero: int, bars: int) -> Phrase:
    """What was played from tick ``zero`` on; a groove on drum pads alone stands in the key of the phrase before."""
    tempo, meter = jam.timeline.tempo, jam.timeline.meter
    notes, taps = as_notes(played, tempo, close_ns, zero), as_taps(played, tempo, close_ns, zero)
    key = "" if jam.options.key == "auto" else jam.options.key
    before = jam.session.material
    if not notes and not key and before is not None:
        key = before.key or before.phrase.key
    return Phrase(notes, bars, meter, tempo.bpm, key, taps)

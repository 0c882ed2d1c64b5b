"""The warm start: what was heard in the silence period is harmonised once with hindsight (RJ23, specification 3.4).

The stream has heard everything from the first note, but what it remembers of each chord it knew eight frames later at
best. One offline pass over what was heard gives it the chords it would have played, as the context that it plans from:
never played, only remembered. Needs NumPy: imported by the band alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sideman.models.chords import HINDSIGHT, from_hindsight, hindsight
from sideman.music.chords import triad_index
from sideman.music.harmony import MelodyFrame
from sideman.music.meter import FRAME_TICKS
from sideman.music.notes import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.models.chord_decoder import PlanOptions
    from sideman.models.chords import ChordStream
    from sideman.models.runtime import Graph
    from sideman.music.harmony import ChordSpan

LONGEST = 128
"""Frames at the end of what was heard that are harmonised: 32 beats, twice the longest silence period."""
SHARE = 0.5
"""Weight of the chord found by hindsight beside its posterior, in the stream's memory."""


def warm_start(
    stream: ChordStream, graph: Graph, frames: Sequence[MelodyFrame], options: PlanOptions
) -> list[ChordSpan]:
    """Fill a stream's memory of chords by hindsight.

    Args:
        stream: It has heard all of ``frames`` and nothing after them.
        graph: The chord net.
        frames: What was heard, up to the stream's next frame; at most the last ``LONGEST`` are looked at.
        options: The player's wishes.

    Returns:
        The chords found (frames as the stream counts them); empty where nothing but silence was heard.
    """
    bar, now = stream.meter.bar_frames, stream.next_frame
    first = -(-(now - min(len(frames), max(bar, LONGEST))) // bar) * bar  # the pass counts from a bar line
    kept = list(frames)[len(frames) - (now - first) :] if first < now else []
    if not any(frame.sounding for frame in kept):
        return []
    whole = [*kept, *(MelodyFrame(),) * (-len(kept) % bar)]
    outlook = hindsight(graph, whole, stream.meter)
    found = from_hindsight(outlook, _line(kept), len(kept), stream.meter, options).spans
    mass = np.exp(outlook.log_posterior[: len(kept)])
    mass *= (1 - SHARE) / mass.sum(axis=1, keepdims=True)
    for span in found:
        mass[span.onset : span.end, triad_index(span.chord)] += SHARE
    for row, frame in zip(mass, range(first, now - HINDSIGHT + 1), strict=False):
        stream.past[frame % len(stream.past)] = row
    spans = [replace(span, onset=span.onset + first) for span in found]
    stream.played.settle(spans, now)
    return spans


def _line(frames: Sequence[MelodyFrame]) -> list[Note]:
    """The notes struck in some frames, each as long as it sounds."""
    out = []
    for at, frame in enumerate(frames):
        for pitch in frame.onsets:
            end = at + 1
            while end < len(frames) and pitch in frames[end].sounding and pitch not in frames[end].onsets:
                end += 1
            out.append(Note(at * FRAME_TICKS, (end - at) * FRAME_TICKS, pitch, 80))
    return out

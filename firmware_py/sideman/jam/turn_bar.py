"""The bar found again while following: a downbeat that was taken wrongly does not stay so for the song.

At each bar line the last bars are read anew. Where two bars in a row say, and surely, that bars begin elsewhere at the
tempo that stands, counting begins there; the next time it takes four. What is committed stays as it is; the rest is
asked for anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.jam.core import Jam
from sideman.jam.listener import pitches_of
from sideman.jam.timeline import Timeline
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.swing import EVEN, measured
from sideman.music.tempo_finding import find_bar_line

if TYPE_CHECKING:
    from collections.abc import Sequence

READ_BARS, FEWEST = 8, 8
"""Bars that are read, and notes without which nothing is said."""
SAID = (2, 4)
"""Bars in a row that must say the same: the first time, and from then on."""
EIGHTH = 2
SURE = 0.5


def find_again(jam: Jam, frame: int) -> None:
    """At a bar line, look where the bars begin; move the count when it is said twice in a row."""
    line, live = jam.timeline, jam.following
    tick = frame * FRAME_TICKS
    if line.within(tick) or jam.options.tempo_fixed or jam.session.tapped is not None or jam.found_bpm is None:
        return
    if jam.options.form != "auto":
        return  # a form that the player gave begins where he began
    start = line.ns(tick - READ_BARS * line.meter.bar_ticks - line.meter.beat_ticks)
    played = jam.listener.between(max(start, jam.session.listen_ns or 0), jam.now + 1)
    if len(played) < FEWEST:
        return
    onsets, pitches = [(n.ns, n.velocity) for n in played], pitches_of(played)
    found, share = find_bar_line(onsets, line.ns(tick), line.tempo.bpm, line.meter, pitches=pitches)
    turn = _turn(line, found) if share >= SURE else 0
    if turn * FRAME_TICKS % TICKS_PER_QUARTER and _swings(line, [ns for ns, _ in onsets]):
        turn = 0  # beats divided so unevenly are no off-beats: one cannot be mistaken for the other
    live.said_turns = live.said_turns + 1 if turn == live.turned else 1
    live.turned = turn
    if turn and live.said_turns >= SAID[live.moved]:
        _move(jam, turn)
        live.turned, live.said_turns, live.moved = 0, 0, True


def _swings(line: Timeline, onsets: Sequence[int]) -> bool:
    """Whether what was played swings on the beats as they are counted."""
    ratio = measured((line.tick(ns) - line.bar_zero for ns in onsets), line.meter)
    return ratio is not None and ratio > EVEN


def _turn(line: Timeline, found_ns: int) -> int:
    """16ths from a counted bar line to a found one, to the nearer side."""
    bar, near = line.meter.bar_ticks, line.tick(found_ns) - line.bar_zero
    off = (near + bar // 2) % bar - bar // 2
    # Less than half an eighth is no other beat: the leaning sees to that.
    return EIGHTH * round(off / (EIGHTH * FRAME_TICKS))


def _move(jam: Jam, frames: int) -> None:
    line, s = jam.timeline, jam.session
    line.bar_zero += frames * FRAME_TICKS
    moved = {k: v + frames for k in ("one", "entry") if (v := getattr(s, k)) is not None}
    jam.session = replace(s, origin=s.origin + frames, **moved)
    jam.recorder.meters.append((line.next_bar_line(jam.frame * FRAME_TICKS), str(line.meter)))
    jam.log("bar", moved=frames)
    jam.say("BAR FOUND")

"""The bar found again while following: a downbeat that was taken wrongly does not stay so for the song.

At each bar line the last bars are read anew. Where two bars in a row say, and surely, that bars begin elsewhere at the
tempo that stands, counting begins there. What is committed stays as it is; the rest is asked for anew.
"""

from __future__ import annotations

from dataclasses import replace

from sideman.jam.core import Jam
from sideman.jam.listener import pitches_of
from sideman.jam.timeline import Timeline
from sideman.music.meter import FRAME_TICKS
from sideman.music.tempo_finding import PhraseTempo, find_phrase_tempo

READ_BARS, FEWEST = 8, 8
"""Bars that are read, and notes without which nothing is said."""
SURE = 0.5
SAME = 0.04


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
    found = find_phrase_tempo(
        [(n.ns, n.velocity) for n in played], None, line.meter, pitches=pitches_of(played), style=jam.options.style
    )
    said, live.turned = live.turned, _turn(line, found)
    if live.turned and said == live.turned:
        _move(jam, live.turned)
        live.turned = 0


def _turn(line: Timeline, found: PhraseTempo) -> int:
    """16ths from a counted bar line to a found one, to the nearer side; 0 where nothing sure is said."""
    if found.confidence < SURE or abs(found.bpm / line.tempo.bpm - 1) > SAME:
        return 0
    bar, near = line.meter.bar_ticks, line.tick(found.downbeat_ns) - line.bar_zero
    off = (near + bar // 2) % bar - bar // 2
    # Half a 16th is no other beat: the leaning sees to that.
    return round(off / FRAME_TICKS)


def _move(jam: Jam, frames: int) -> None:
    line, s = jam.timeline, jam.session
    line.bar_zero += frames * FRAME_TICKS
    moved = {k: v + frames for k in ("one", "entry") if (v := getattr(s, k)) is not None}
    jam.session = replace(s, origin=s.origin + frames, **moved)
    jam.recorder.meters.append((line.next_bar_line(jam.frame * FRAME_TICKS), str(line.meter)))
    jam.log("bar", moved=frames)
    jam.say("BAR FOUND")

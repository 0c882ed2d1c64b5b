"""How far ahead chords are fixed while following: adaptive commit, and the surprise break (specification 3.4).

The band advises how many beats to commit: many when it is sure, few while the key is open. A shorter commitment never
frees what is committed already; it only stops growing until time has caught up. The one thing that cancels a
commitment is a surprise: a melody so unlikely under the committed chords that hardly any of the songs the model was
chosen on had its like. It acts from the first half-bar that is at least two beats away, so that nothing changes under
the player's fingers.
"""

from __future__ import annotations

import math
from dataclasses import replace

from sideman.band.messages import Plan
from sideman.band.played import broad
from sideman.jam.book import border
from sideman.jam.core import Jam
from sideman.music.meter import FRAME_TICKS, Meter

LONGEST = 4
"""The longest commitment that the band can advise, in beats; it stands for all that the player allows."""
NEAR_BEATS = 2
"""What is nearer than so many beats is never cancelled; as many beats of surprise are needed."""
KEY_SURE = 0.5
"""How sure a new key must be to rename the chords that are shown."""
FLASH_NS = 1_000_000_000


def beats(jam: Jam) -> int:
    """Beats committed now: what the band advises, within what the player allows."""
    most, advised = jam.options.commit_beats, jam.following.advised
    if not jam.options.adaptive_commit or advised is None or advised >= LONGEST:
        return most
    return max(0, min(most, advised))


def reach(jam: Jam, frame: int) -> int:
    """The frame up to which the plan is fixed when a frame is decided."""
    live = jam.following
    whole = frame + 1 + beats(jam) * jam.meter.beat_ticks // FRAME_TICKS
    if live.answer is not None and frame + 1 < live.broken:
        return min(whole, live.broken)  # what was cancelled waits for its new chords
    return whole


def took(jam: Jam, plan: Plan) -> None:
    """Note what a live plan says of itself, and break the commitment where the melody has left it."""
    live = jam.following
    live.sure, live.form_bars = plan.confidence, plan.form_bars
    if plan.key and (not live.key or plan.key_sure >= KEY_SURE):
        live.key = plan.key
    if plan.commit_beats is not None:  # less at once, more when it is said twice
        said, live.said = live.said, plan.commit_beats
        live.advised = live.said if said is None else min(said, live.said)
    if live.answer is not None and plan.ask >= live.answer:
        live.answer = None
        _cut_at(jam, live.broken)
    now = beats(jam)
    if live.told is None:
        live.told = jam.options.commit_beats
    if now != live.told:
        jam.log("adaptive_commit", beats=now, before=live.told, sure=round(plan.confidence, 3))
        live.told = now
    if jam.playing:
        _surprise(jam, plan)


def strong_frames(meter: Meter) -> frozenset[int]:
    """Frames of the bar's strong beats: half-bars in 4/4, both dotted beats of 6/8, bars in 3/4 and uneven meters."""
    felt = meter if len(meter.grouping) == 2 and len(set(meter.grouping)) == 1 else broad(meter)
    return frozenset(tick // FRAME_TICKS for tick in felt.groups)


def _surprise(jam: Jam, plan: Plan) -> None:
    live, frame = jam.following, jam.frame
    if not jam.options.surprise_break or plan.surprise is None or not math.isfinite(plan.surprise):
        return
    near = NEAR_BEATS * jam.meter.beat_ticks // FRAME_TICKS
    entry = jam.session.entry
    if plan.surprise >= 0 or frame < live.calm_until or entry is None or frame < entry + near:
        return
    target = _half_bar(jam, frame + near)
    if target >= jam.book.committed:
        return
    jam.log(
        "surprise",
        frame=target,
        beats=(jam.book.committed - target) * FRAME_TICKS / jam.meter.beat_ticks,
        surprise=round(plan.surprise, 3),
        notes=jam.book.release(target),
    )
    live.broken, live.answer, live.calm_until = target, jam.asked + 1, target + near
    jam.say("CHANGED")
    jam.flash = (jam.now + FLASH_NS, "CHANGED")
    jam.at(jam.now + FLASH_NS, "status")
    jam.cue("changed", due_ns=jam.timeline.ns(target * FRAME_TICKS))


def _half_bar(jam: Jam, frame: int) -> int:
    """The first frame on a half-bar from ``frame`` on."""
    strong, line = strong_frames(jam.meter), jam.timeline
    return next(
        f
        for f in range(frame, frame + jam.meter.bar_frames + 1)
        if line.within(f * FRAME_TICKS) // FRAME_TICKS in strong
    )


def _cut_at(jam: Jam, frame: int) -> None:
    """Where the new plan has another chord, what was to ring over it ends there."""
    before, after = jam.book.chord_at(frame - 1), jam.book.chord_at(frame)
    if before is None or after is None or before.chord == after.chord:
        return
    low, end = border(frame), frame * FRAME_TICKS
    jam.book.notes = [
        replace(n, duration=end - n.tick)
        if n.part in ("bass", "chords") and n.tick < low and n.tick + n.duration > end
        else n
        for n in jam.book.notes
    ]

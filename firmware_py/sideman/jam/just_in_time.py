"""Just-in-time commit: with nothing committed, the chord of a strong beat waits for the player (specification 3.4).

The plan of a strong beat carries other chords for what the player may strike on it. The first notes of chords and bass
on that beat are held back until the player's own onset, at most 30 ms after the beat, and then follow what was struck:
the first note counts (the paper's rule of monophony, RJ24). Drums and soloist never wait.

A held-back note is due when it is decided: that moment's tick is its tick in the take, and its lateness counts from
there. Screens are told of it ahead with the latest moment at which it can be due.
"""

from __future__ import annotations

from dataclasses import replace

from sideman.band.messages import Alternative, PartNote, Plan
from sideman.jam import commitment, naming
from sideman.jam.book import border
from sideman.jam.core import NOTE_ON, WAITING_PARTS, Jam
from sideman.jam.listener import DRUM_CHANNEL, Played
from sideman.jam.timeline import LEAD_TICKS
from sideman.music.meter import FRAME_TICKS

WAIT_NS = 30_000_000
"""Inside the asynchrony of any ensemble (Rasch 1979: 30-50 ms)."""
SHORTEST_TICKS = 30


def wanted(jam: Jam, frame: int) -> bool:
    """Whether the plan asked for now is that of a strong beat which may wait for the player."""
    if not jam.options.just_in_time or not jam.playing or commitment.beats(jam) or jam.book.committed > frame:
        return False
    if not set(WAITING_PARTS) & set(jam.lineup) or jam.meter.beat_ticks < 2 * FRAME_TICKS:
        return False
    within = jam.timeline.within(frame * FRAME_TICKS) // FRAME_TICKS
    return within in commitment.strong_frames(jam.meter)


def took(jam: Jam, plan: Plan) -> None:
    """The plan of the beat being decided is there: if it depends on what is struck, its first notes wait."""
    live = jam.following
    if plan.alternatives and plan.start == jam.frame == live.due and jam.book.committed <= plan.start:
        live.waiting = plan
        live.latest_ns = min(
            jam.timeline.ns(plan.start * FRAME_TICKS) + WAIT_NS,
            jam.timeline.decision_ns(plan.start + 1) - 1,
        )


def begin(jam: Jam) -> bool:
    """The beat's other notes are on their way: decide at once if the player has struck early, else wait.

    Returns:
        Whether a chord waits, or was decided here.
    """
    live = jam.following
    if live.waiting is None:
        if live.due is not None and jam.frame >= live.due:
            live.due = None
        return False
    since = jam.timeline.ns(border(live.waiting.start))
    struck = [n for n in jam.listener.between(since, jam.now + 1) if n.channel != DRUM_CHANNEL]
    if struck:
        resolve(jam, struck[0].pitch)
        return True
    live.serial += 1
    jam.at(max(live.latest_ns, jam.now), "just_in_time", live.serial)
    return True


def struck(jam: Jam, note: Played) -> None:
    """The player strikes while a chord waits for it."""
    if jam.following.waiting is not None and note.channel != DRUM_CHANNEL and jam.listener.counts(note):
        resolve(jam, note.pitch)


def time_is_up(jam: Jam, serial: int) -> None:
    """Nothing was struck in time: the band's own chord it is."""
    if jam.following.waiting is not None and jam.following.serial == serial:
        resolve(jam, None)


def resolve(jam: Jam, pitch: int | None) -> None:
    """Send what waited, under the chord that fits what was struck."""
    live = jam.following
    plan, live.waiting, live.due = live.waiting, None, None
    if plan is None or not jam.playing:
        return
    chosen = _chosen(plan, pitch) if jam.live and pitch is not None else None
    if chosen is not None:
        jam.book.exchange(chosen.chords, chosen.notes, plan.start, plan.end, WAITING_PARTS)
    now = jam.timeline.tick(jam.now)
    notes = [_from(note, now) for note in jam.book.take_parts(WAITING_PARTS, border(plan.start), jam.window)]
    if chosen is not None:
        _let_go(jam, notes)
        jam.tell_ahead(notes)
    for note in notes:
        jam.schedule_note(note)
    span = jam.book.chord_at(plan.start)
    label = "" if span is None else naming.label(jam, span.chord)
    jam.log(
        "just_in_time",
        frame=plan.start,
        pitch=pitch,
        chord=label,
        changed=chosen is not None,
        waited_ms=round(max(0, jam.now - jam.timeline.ns(plan.start * FRAME_TICKS)) / 1e6, 3),
    )
    jam.sounded_chord(plan.start)
    jam.push(jam.now, NOTE_ON + 1, "plan", None)


def drop(jam: Jam) -> None:
    """Nothing waits any more (the band was stopped, the box listens anew)."""
    jam.following.waiting = jam.following.due = None


def _chosen(plan: Plan, pitch: int) -> Alternative | None:
    return next((one for one in plan.alternatives if pitch % 12 in one.classes), None)


def _from(note: PartNote, tick: int) -> PartNote:
    """The note begun at a tick if it is past due; its end stays."""
    at = max(note.tick, tick)
    return replace(note, tick=at, duration=max(SHORTEST_TICKS, note.tick + note.duration - at))


def _let_go(jam: Jam, notes: list[PartNote]) -> None:
    """Another chord than was planned begins: what rings of the part before it ends here."""
    near = jam.timeline.tick(jam.now) + LEAD_TICKS
    for part in sorted({note.part for note in notes if note.tick <= near}):
        jam.hush(part)

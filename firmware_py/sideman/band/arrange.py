"""The four parts together: who plays what in a window, by models or by rules, and the plan that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band import bassist, comper, drummer, soloist
from sideman.band.finish import finished
from sideman.band.messages import Part, PartNote, Plan, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sideman.band.context import Context
    from sideman.band.messages import Ask
    from sideman.music.harmony import ChordSpan

Musician = "Callable[[Ask, Context], list[PartNote]]"

PLAY: Mapping[Part, Callable[[Ask, Context], list[PartNote]]] = {
    "drums": drummer.play,
    "bass": bassist.play,
    "chords": comper.play,
    "solo": soloist.play,
}
LAST: Mapping[Part, Callable[[Ask, Context], list[PartNote]]] = {
    "drums": drummer.final_strokes,
    "bass": bassist.final_note,
    "chords": comper.final_chord,
    "solo": soloist.final_note,
}


def part(name: Part, ask: Ask, context: Context) -> list[PartNote]:
    """What one musician plays, its last note on the final downbeat included."""
    if ask.ending is None:
        return PLAY[name](ask, context)
    last = LAST[name](ask, context)
    if ask.start >= ask.ending:
        return last
    stop = ask.ending * 240 - 120
    return [note for note in PLAY[name](ask, context) if note.tick < stop] + last


def plan_of(ask: Ask, context: Context, notes: list[PartNote], sources: dict[Part, Source]) -> Plan:
    """The plan: chords shown, notes tidied, sources said."""
    return Plan(
        ask=ask.id,
        epoch=ask.epoch,
        frame=ask.frame,
        start=ask.start,
        end=ask.end,
        chords=shown(ask, context),
        notes=finished((note for note in notes if note.part in ask.lineup), ask, context.swing),
        sources=tuple((name, sources[name]) for name in PLAY if name in sources and name in ask.lineup),
        key=context.changes.key,
        confidence=context.changes.confidence,
        loudness=_played_for(ask, context),
    )


def _played_for(ask: Ask, context: Context) -> tuple[tuple[Part, int, float], ...]:
    """How loud the player was whom each part plays for: the drummer's loop is older than what the others hear."""
    out: list[tuple[Part, int, float]] = [
        (name, ask.start, round(context.loudness, 2)) for name in ask.lineup if name != "drums"
    ]
    if "drums" in ask.lineup:
        out += [("drums", bar.start, round(drummer.loudness(bar, context), 2)) for bar in context.bars()]
    return tuple(out)


def shown(ask: Ask, context: Context) -> tuple[ChordSpan, ...]:
    """Chords of the window, or of the whole form when the ask brought a phrase."""
    if ask.phrase is not None and context.changes.form:
        return context.changes.within(ask.origin, ask.origin + context.changes.form)
    return context.changes.within(ask.start, ask.end)

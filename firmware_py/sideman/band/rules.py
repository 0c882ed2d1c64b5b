"""The band without its process: a plan by rules alone, for when the band is late, dead or not yet up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band.arrange import part, plan_of
from sideman.band.context import Context
from sideman.band.drummer import levelled
from sideman.band.harmony import changes_for
from sideman.band.models import NO_MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman.band.messages import Ask, Part, PartNote, Phrase, Plan, Source
    from sideman.music.notes import Note


def rules_plan(ask: Ask, phrase: Phrase | None, heard: Sequence[Note], tapped: Sequence[Note] = ()) -> Plan:
    """All four parts by rules.

    Args:
        ask: The request; what it carries of phrase and heard notes is not looked at.
        phrase: The committed phrase (``trade``), whether or not this ask brought it.
        heard: ``follow``: everything heard in this epoch, on the jam's timeline.
        tapped: The same of drum pads.

    Returns:
        A plan of the ask's window. The same arguments give the same plan; nothing is kept between calls.
    """
    if ask.mode == "follow" and not ask.held:
        phrase = None  # an older phrase of the player's is not what is followed
    changes = changes_for(ask, phrase, heard, NO_MODELS)
    context = Context.straight(ask, phrase, tuple(heard), changes, NO_MODELS, tuple(tapped))
    drums = part("drums", ask, context)
    context = context.with_drums(levelled(drums, context))
    notes: list[PartNote] = list(drums)
    rest: tuple[Part, ...] = ("bass", "chords", "solo")
    for name in rest:
        if name in ask.lineup:
            notes += part(name, ask, context)
    sources: dict[Part, Source] = dict.fromkeys(ask.lineup, "rules")
    return plan_of(ask, context, notes, sources)

"""What the conductor plays by rules while the band owes a plan, and which chords it may play: none is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sideman.band.rules import rules_plan
from sideman.jam.book import repeated

if TYPE_CHECKING:
    from sideman.band.messages import Ask, Phrase, Plan
    from sideman.jam.core import Jam

PATIENCE_BARS = 1
"""Bars of the form that pass with drums alone before a band that is late is no longer waited for."""


def form_lacks(jam: Jam) -> bool:
    """Whether a phrase with notes stands that has no chords yet."""
    material = jam.session.material
    return material is not None and not material.form and bool(material.phrase.notes) and not jam.live


def chords_lack(jam: Jam) -> bool:
    """The same, or the band follows and no plan of it stands yet."""
    return form_lacks(jam) or (jam.live and not jam.book.chords)


def awaited(jam: Jam) -> bool:
    """Whether the band, which is up, still owes the first chords: no other chord may be guessed meanwhile.

    After :data:`PATIENCE_BARS` of the form the rules' chords are played instead.
    """
    material = jam.session.material
    if not chords_lack(jam) or not jam.band_up or not jam.pending:
        return False
    if form_lacks(jam) and material is not None and material.before:
        return False  # the chords that sounded so far go on
    return jam.frame < jam.session.origin + PATIENCE_BARS * jam.meter.bar_frames


def by_rules(jam: Jam, start: int, end: int, **values: Any) -> Plan:
    """A plan by rules; the chords of a form that lacks them are settled here, so that what sounds stays."""
    s, waits = jam.session, awaited(jam)
    if jam.live:  # as the band would be told
        values = {"heard_until": jam.frame} | values
    elif form_lacks(jam) and not waits:
        before = s.material.before if s.material is not None else ()
        if before and s.material is not None:  # harmonised anew: the old chords go on until the new ones come
            first = start - jam.meter.bar_frames
            values = {"chords": repeated(before, s.origin, s.material.frames, first, end)} | values
        else:
            _settle_form(jam)
    s = jam.session
    phrase: Phrase | None = s.material.phrase if s.material is not None and not jam.live else None
    ask = in_key_of_form(jam, jam.make_ask(start, end, **values))
    if waits:
        ask = replace(ask, lineup=tuple(p for p in ask.lineup if p == "drums"))
    plan = rules_plan(ask, phrase, jam.heard_notes(), jam.heard_taps())
    return replace(plan, chords=()) if waits else plan


def in_key_of_form(jam: Jam, ask: Ask) -> Ask:
    """The ask of an ending names the key in which the form was harmonised: rules and network come home to the same."""
    material = jam.session.material
    if ask.ending is None or ask.knobs.key or material is None or not material.key:
        return ask
    return replace(ask, knobs=replace(ask.knobs, key=material.key))


def _settle_form(jam: Jam) -> None:
    """The whole form by rules becomes the form: a plan of the band that comes later goes by it."""
    material, origin = jam.session.material, jam.session.origin
    if material is None or not material.frames:
        return
    ask = replace(jam.make_ask(origin, origin + material.frames), lineup=("drums",), mode="trade", ending=None)
    plan = rules_plan(ask, material.phrase, ())
    form = tuple(replace(c, onset=c.onset - origin) for c in plan.chords if 0 <= c.onset - origin < material.frames)
    if sum(c.frames for c in form) >= material.frames:
        jam.session = replace(jam.session, material=replace(material, form=form, key=plan.key or material.key))
        jam.log("form_by_rules", origin=origin)


def agrees(jam: Jam, plan: Plan) -> bool:
    """Whether a plan's chords are the form's, up to a final downbeat (which is home, whatever the form has there)."""
    s, material = jam.session, jam.session.material
    if material is None or not material.form or jam.live or not plan.chords:
        return True
    end = plan.end if s.ending is None else min(plan.end, s.ending)
    form = repeated(material.form, s.origin, material.frames, plan.start, end)
    own = [(c.onset, c.onset + c.frames, c.chord) for c in plan.chords]
    return all(
        chord == span.chord
        for span in form
        for first, last, chord in own
        if first < span.onset + span.frames and span.onset < last and first < end
    )

"""What every mode answers, and the way a known form is played: shared by ``trade`` and a held ``follow``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.band.messages import Plan
from sideman.jam import standby

if TYPE_CHECKING:
    from sideman.jam.core import Jam
    from sideman.jam.events import NoteOn

PREPARE_FRAMES = 2
"""A phrase takes longer to harmonise than a bar to plan: its answer takes effect this many frames later."""


class Mode:
    """A mode has no state of its own: it lies in the jam's session."""

    name = ""

    def first_note(self, jam: Jam, note: NoteOn) -> None:
        """The first note of a phrase was played (the ear was armed)."""

    def prepare(self, jam: Jam) -> None:
        """A phrase stands and the band is silent: let it make ready, so that PLAY leaves no gap."""
        material = jam.session.material
        if material is None or any(ask.epoch == jam.session.epoch for ask in jam.pending.values()):
            return
        line = jam.timeline
        start = line.next_bar_line(line.tick(jam.now)) // 240
        self._ask_form(jam, start, origin=start)

    def start(self, jam: Jam) -> None:
        """The band begins at ``session.origin``; ask for what is not planned yet."""
        origin = jam.session.origin
        if jam.book.filled <= origin:
            self._ask_form(jam, origin, origin=origin)

    def replan(self, jam: Jam) -> None:
        """What is not committed shall be planned anew (new phrase, undo, NEW, a fill)."""
        start = max(jam.book.committed, jam.book.filled if jam.phrase_known < 0 else 0)
        self._ask_form(jam, start, origin=jam.session.origin)

    def on_frame(self, jam: Jam, frame: int) -> None:
        """A frame is decided: ask and commit."""
        if jam.playing:
            self.play_form(jam, frame)

    def took(self, jam: Jam, plan: Plan) -> None:
        """A plan takes effect."""
        material = jam.session.material
        if material is not None and not material.form and plan.chords and material.frames:
            form = tuple(
                replace(c, onset=c.onset - self._form_base(jam, plan))
                for c in plan.chords
                if 0 <= c.onset - self._form_base(jam, plan) < material.frames
            )
            if sum(c.frames for c in form) >= material.frames:  # not a window of it only
                jam.session = replace(
                    jam.session, material=replace(material, form=form, key=plan.key or material.key, before=())
                )

    def _form_base(self, jam: Jam, plan: Plan) -> int:
        return jam.session.origin if jam.playing else plan.start

    def keep(self, jam: Jam) -> bool:
        """The song is about to end: what it plays by must be a phrase that can be played again."""
        return jam.session.material is not None

    def stopped(self, jam: Jam) -> None:
        """The band was stopped or has ended."""

    def solo_at(self, jam: Jam, frame: int) -> bool:
        """Whether the soloist plays in a frame."""
        del jam, frame
        return False

    def enter(self, jam: Jam) -> None:
        """Effects of ``follow``; other modes have none of them."""

    def follow_again(self, jam: Jam) -> None:
        """See :meth:`enter`."""

    def forget(self, jam: Jam) -> None:
        """See :meth:`enter`."""

    def hold(self, jam: Jam) -> None:
        """See :meth:`enter`."""

    # a form that is known -----------------------------------------------------------------------------------

    def window_end(self, jam: Jam, start: int) -> int:
        """Plans reach two bars ahead, never over the end of the form (turns change there)."""
        material = jam.session.material
        end = start + 2 * jam.meter.bar_frames
        if material is None or not material.frames:
            return end
        into = (start - jam.session.origin) % material.frames
        return min(end, start + material.frames - into)

    def play_form(self, jam: Jam, frame: int) -> None:
        """Play a known form: a bar is asked for at the line before it, and committed a beat before it begins."""
        s, bar = jam.session, jam.meter.bar_frames
        beat = jam.meter.beat_ticks // 240
        into = (frame - s.origin) % bar
        if into == 0 and frame >= s.origin and not jam.pending:
            start = max(jam.book.committed, frame + bar)
            self.ask_bars(jam, start, self.window_end(jam, start))
        target = frame + 1 if jam.pending and jam.book.filled <= frame + bar else frame + beat
        line_end = s.origin + ((target - s.origin) // bar + 1) * bar if target > frame + 1 else frame + 1
        if frame + 1 < s.origin:
            line_end = min(line_end, s.origin + bar)
        jam.ensure(max(line_end, frame + 1), solo=self.solo_at(jam, max(jam.book.filled, s.origin)))
        jam.commit(line_end)
        if s.fill_to is not None and frame >= s.fill_to:
            jam.become(fill_to=None)

    def ask_final(self, jam: Jam, ending: int) -> None:
        """Ask for the stroke that ends the song on a frame: to think of it on that downbeat would make it late."""
        material = jam.session.material
        if material is not None and jam.options.ending != "stop":
            phrase = None if jam.phrase_known == jam.session.epoch else material.phrase
            ask = jam.make_ask(ending, ending + 1, phrase=phrase, solo=self.solo_at(jam, ending - 1))
            jam.ask_final(replace(standby.in_key_of_form(jam, ask), mode="trade"))

    def ask_bars(self, jam: Jam, start: int, end: int) -> None:
        """Ask for some bars of the form."""
        material = jam.session.material
        known = jam.phrase_known == jam.session.epoch
        phrase = material.phrase if material is not None and not known else None
        fill = jam.session.fill_to
        if fill is None and material is not None and material.frames:
            after = jam.session.origin + ((start - jam.session.origin) // material.frames + 1) * material.frames
            fill = after if material.phrase.bars > 1 else None
        ask = jam.make_ask(start, end, phrase=phrase, solo=self.solo_at(jam, start))
        jam.send_ask(replace(ask, fill_to=fill, mode="trade"))
        if phrase is not None and jam.band_up:
            jam.phrase_known = jam.session.epoch

    def _ask_form(self, jam: Jam, start: int, *, origin: int) -> None:
        material = jam.session.material
        if material is None:
            return
        end = (
            min(start + 2 * jam.meter.bar_frames, start + material.frames)
            if start == origin
            else (self.window_end(jam, start))
        )
        known = jam.phrase_known == jam.session.epoch
        ask = jam.make_ask(
            start,
            end,
            phrase=None if known else material.phrase,
            solo=self.solo_at(jam, start),
            origin=origin,
            frame=jam.frame + (0 if standby.form_lacks(jam) else PREPARE_FRAMES),
            chords=None,
        )
        if not jam.playing:
            ask = replace(ask, solo=self.solo_at(jam, jam.session.origin))
            jam.preparing.add(ask.id)
        jam.send_ask(replace(ask, mode="trade"))
        if jam.band_up:
            jam.phrase_known = jam.session.epoch

"""``follow``: first note, silence period, then the band plays and re-plans while you play (VM6, ReaLJam)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sideman.band.messages import Phrase, Plan
from sideman.jam import commitment, just_in_time
from sideman.jam.book import repeated
from sideman.jam.events import NoteOn
from sideman.jam.listener import as_notes, as_taps, pitches_of
from sideman.jam.live import Live
from sideman.jam.modes.base import Mode
from sideman.jam.session import Material
from sideman.jam.states import BandState, Ear
from sideman.jam.steady import lean
from sideman.jam.turn_bar import find_again
from sideman.music.entry import silent_until
from sideman.music.meter import FRAME_TICKS, TICKS_PER_QUARTER
from sideman.music.tempo import NS_PER_MINUTE
from sideman.music.tempo_finding import find_phrase_tempo

if TYPE_CHECKING:
    from sideman.jam.core import Jam

LOOK_NS = 500_000_000
"""How often a tempo is looked for while there is none."""
ENOUGH_ONSETS, ENOUGH_NS = 8, 4_000_000_000
SURE, GIVE_UP_NS = 0.5, 12_000_000_000
CLOSE_NS = 6_000_000_000
"""How long two readings that are close are listened to before the likelier one is taken."""
HELD_BARS = (16, 12, 8, 4, 2, 1)
"""Lengths of a held form, longest first."""
BLUES_BARS = 12
REMEMBERED_BARS = 16
LONGEST_NS = 8_000_000_000
"""A note that still sounds is told again, with its length so far, for this long."""


class Follow(Mode):
    """The ear stays open; what is committed never changes, the rest is asked for anew on every beat."""

    name = "follow"

    def first_note(self, jam: Jam, note: NoteOn) -> None:
        """The silence period begins; with no tempo, one is looked for first."""
        jam.session = replace(jam.session, epoch=jam.session.epoch + 1, entry=None)
        jam.heard_sent_ns = note.ns
        jam.following = Live()
        if jam.session.pulse:
            self._set_entry(jam, note.ns)
        else:
            jam.at(note.ns + ENOUGH_NS, "look", jam.session.epoch)

    def look(self, jam: Jam, epoch: int) -> None:
        """Look for a tempo in what was heard so far; until one is found, look again."""
        s = jam.session
        if s.epoch != epoch or s.ear is not Ear.LISTENING or s.pulse or s.listen_ns is None:
            return
        played = jam.listener.between(s.listen_ns, jam.now)
        if len(played) >= ENOUGH_ONSETS:
            onsets = [(n.ns, n.velocity) for n in played]
            style = jam.options.style
            found = find_phrase_tempo(onsets, None, jam.options.meter, pitches=pitches_of(played), style=style)
            clear = found.confidence >= SURE and (found.other is None or jam.now - s.listen_ns >= CLOSE_NS)
            if clear or jam.now - s.listen_ns >= GIVE_UP_NS:
                pickup = max(0, found.downbeat_ns - played[0].ns)
                jam.timeline.anchor(found.downbeat_ns, found.bpm, jam.options.meter, pickup_ns=pickup)
                jam.timeline.use(jam.timeline.tick(jam.now))
                jam.log("tempo", bpm=found.bpm, confidence=found.confidence)
                jam.tempo_found(found.bpm)
                jam.become(pulse=True)
                self._set_entry(jam, found.downbeat_ns)
                return
        jam.at(jam.now + LOOK_NS, "look", epoch)

    def _set_entry(self, jam: Jam, start_ns: int) -> None:
        """The band enters on the first bar line after the silence period."""
        line = jam.timeline
        silence = jam.options.silence_beats * line.meter.beat_ticks
        silent = silent_until(line.tick(start_ns), silence, line.meter)
        entry = line.bar_line(line.bar(max(silent, line.tick(jam.now) + 3 * FRAME_TICKS) - 1) + 1)
        one = line.nearest_bar_line(line.tick(start_ns)) // FRAME_TICKS
        jam.session = replace(jam.session, entry=entry // FRAME_TICKS, origin=entry // FRAME_TICKS, one=one)
        jam.recorder.meters.append((line.bar_zero, str(line.meter)))
        jam.cue("prepare_play", due_ns=line.ns(entry))
        jam.schedule_frames()

    def enter(self, jam: Jam) -> None:
        """PLAY while listening: the band enters at the next downbeat."""
        s = jam.session
        if not s.pulse and s.listen_ns is not None:
            played = jam.listener.between(s.listen_ns, jam.now)
            if len(played) < 2:
                jam.say("PLAY A NOTE", refused=True)
                return
            found = find_phrase_tempo(
                [(n.ns, n.velocity) for n in played],
                jam.now,
                jam.options.meter,
                pitches=pitches_of(played),
                style=jam.options.style,
            )
            jam.timeline.anchor(
                found.downbeat_ns, found.bpm, jam.options.meter, pickup_ns=max(0, found.downbeat_ns - played[0].ns)
            )
            jam.timeline.use(jam.timeline.tick(jam.now))
            jam.tempo_found(found.bpm)
            jam.become(pulse=True)
        line = jam.timeline
        frame = max(line.downbeat_for(line.tick(jam.now)) // FRAME_TICKS, line.next_frame(jam.now))
        if line.within(frame * FRAME_TICKS):
            frame = line.next_bar_line(frame * FRAME_TICKS) // FRAME_TICKS
        first = frame if s.listen_ns is None else line.nearest_bar_line(line.tick(s.listen_ns)) // FRAME_TICKS
        jam.session = replace(jam.session, entry=frame, origin=frame, one=first)
        jam.schedule_frames()

    # the live part ------------------------------------------------------------------------------------------

    def on_frame(self, jam: Jam, frame: int) -> None:
        """Before the entry: let the band hear. After it: re-plan on every beat."""
        s = jam.session
        if s.ear is Ear.HELD or (jam.playing and s.ear is not Ear.LISTENING):
            self.play_form(jam, frame)
            return
        if s.ear is not Ear.LISTENING or s.entry is None:
            return
        beat = jam.meter.beat_ticks // FRAME_TICKS
        if not jam.playing:
            self._before_entry(jam, frame, beat)
        if jam.playing:
            jam.ensure(frame + 2)
            jam.commit(commitment.reach(jam, frame))  # before the ask: it is told all that stands
            start = max(jam.book.committed, frame + 1)
            surprised = jam.following.answer is not None and jam.following.answer > jam.asked
            if surprised or self._on_beat(jam, frame + 1):  # its answer takes effect on the beat
                end = frame + 1 + max(jam.options.commit_beats, jam.options.lookahead_beats) * beat + beat
                waits = start == frame + 1 and just_in_time.wanted(jam, start)
                jam.following.due = start if waits else jam.following.due
                self._ask_live(jam, start, end, alternatives=waits)
        lean(jam, frame)
        find_again(jam, frame)

    def _on_beat(self, jam: Jam, frame: int) -> bool:
        """Whether a frame is on a beat: every one of them gets a new plan, so does every group of an uneven meter."""
        beat, since = jam.meter.beat_ticks // FRAME_TICKS, frame - jam.session.origin
        if jam.meter.bar_frames % beat == 0:
            return since % beat == 0
        return since % jam.meter.bar_frames * FRAME_TICKS in jam.meter.beats

    def _before_entry(self, jam: Jam, frame: int, beat: int) -> None:
        s = jam.session
        entry = s.entry
        if entry is None:
            return
        if (entry - 1 - frame) % beat == 0 and frame < entry - 1:
            near = entry - frame <= 2 * beat
            end = entry + max(jam.options.lookahead_beats, jam.options.commit_beats) * beat + beat
            if near:
                if jam.book.committed != entry:
                    jam.book.clear(entry)
                self._ask_live(jam, entry, end)
            else:
                self._ask_live(jam, frame, frame)
        if frame >= entry - 1:
            if jam.book.committed < entry:
                jam.book.clear(entry)
            jam.become(band=BandState.PLAYING)
            jam.recorder.mark(jam.timeline.ns(entry * FRAME_TICKS), "play")
            jam.ensure(entry + beat)
            jam.window = entry * FRAME_TICKS - FRAME_TICKS // 2

    def _ask_live(self, jam: Jam, start: int, end: int, *, alternatives: bool = False) -> None:
        since = jam.heard_sent_ns
        played = [
            n
            for n in jam.listener.between(since - LONGEST_NS, jam.now + 1)
            if n.ns >= since or n.off_ns is None or n.off_ns >= since
        ]
        heard = as_notes(played, jam.timeline.tempo, jam.now, 0)
        jam.heard_sent_ns = jam.now + 1
        taps = as_taps(played, jam.timeline.tempo, jam.now, 0)
        jam.send_ask(jam.make_ask(start, end, heard=heard, taps=taps, heard_until=jam.frame, alternatives=alternatives))

    def took(self, jam: Jam, plan: Plan) -> None:
        """A held form learns its chords as in any mode; a live plan says how far to trust it."""
        if jam.session.ear is not Ear.LISTENING:
            super().took(jam, plan)
        elif plan.start < plan.end:
            commitment.took(jam, plan)
            just_in_time.took(jam, plan)

    def replan(self, jam: Jam) -> None:
        """Ask anew for what is not committed."""
        if jam.session.ear is Ear.LISTENING:
            beat = jam.meter.beat_ticks // FRAME_TICKS
            self._ask_live(jam, max(jam.book.committed, jam.frame + 1), jam.frame + 1 + 6 * beat)
        else:
            super().replan(jam)

    # held ---------------------------------------------------------------------------------------------------

    def hold(self, jam: Jam) -> None:
        """The form heard so far goes on, under whatever is played."""
        if not self.keep(jam):
            jam.say("TOO SHORT", refused=True)
            return
        jam.recorder.mark(jam.now, "hold")
        jam.say("HELD")

    def keep(self, jam: Jam) -> bool:
        """The form heard so far becomes the phrase that plays; False when there is none."""
        material = self._heard_form(jam) if jam.live else None
        if material is None:
            return False
        line = jam.timeline
        frame = line.downbeat_for(line.tick(jam.now)) // FRAME_TICKS
        one = jam.session.one if material.form else frame  # chords that were heard keep their place in a given form
        jam.session = replace(jam.session.with_material(material), ear=Ear.HELD, origin=frame, one=one)
        if material.form and jam.book.filled > jam.book.committed:
            jam.book.drop_after(max(jam.book.committed, jam.frame + 1))  # what comes is the form, not what was foreseen
        jam.phrase_known = -1
        jam.entered(jam.session.state.value)
        self._ask_form(jam, max(jam.book.committed, jam.frame + 1), origin=frame)
        return True

    def _heard_form(self, jam: Jam) -> Material | None:
        s, line = jam.session, jam.timeline
        if s.entry is None or not jam.playing:
            return None
        bar = line.meter.bar_frames
        first = s.entry if s.listen_ns is None else line.nearest_bar_line(line.tick(s.listen_ns)) // FRAME_TICKS
        end = line.downbeat_for(line.tick(jam.now)) // FRAME_TICKS
        bars = (end - min(first, s.entry)) // bar
        wanted = form_bars(jam)
        lengths = (wanted, *(n for n in HELD_BARS if wanted % n == 0)) if wanted else HELD_BARS
        bars = next((n for n in lengths if n <= bars), 1)
        start = end - bars * bar
        spans = repeated(tuple(jam.book.chords), 0, 1 << 40, start, end)
        form = tuple(replace(c, onset=c.onset - start) for c in spans)
        if sum(c.frames for c in form) < end - start:
            form = ()  # the band was not in for all of it: it harmonises what it heard
        played = jam.listener.between(line.ns(start * FRAME_TICKS), jam.now)
        notes = as_notes(played, line.tempo, jam.now, start * FRAME_TICKS)
        taps = as_taps(played, line.tempo, jam.now, start * FRAME_TICKS)
        key = "" if jam.options.key == "auto" else jam.options.key
        return Material(Phrase(notes, bars, line.meter, line.tempo.bpm, key, taps), form=form)

    def follow_again(self, jam: Jam) -> None:
        """From HELD back to following; the harmony heard stays in the band's memory."""
        line = jam.timeline
        jam.following = Live()
        jam.heard_sent_ns = line.ns(line.tick(jam.now) - REMEMBERED_BARS * line.meter.bar_ticks)
        jam.session = replace(jam.session, epoch=jam.session.epoch + 1)
        jam.pending.clear()
        jam.arrived.clear()
        jam.become(ear=Ear.LISTENING, listen_ns=jam.now, entry=jam.session.origin, pulse=True)
        jam.recorder.mark(jam.now, "listen")

    def forget(self, jam: Jam) -> None:
        """Forget the harmony, keep the tempo: the band hears only what comes now."""
        self.follow_again(jam)
        jam.heard_sent_ns = jam.now
        jam.say("FORGET")

    def stopped(self, jam: Jam) -> None:
        """What was followed so far stays as a phrase, so that PLAY can bring it back."""
        s = jam.session
        bar = jam.meter.bar_frames
        just_in_time.drop(jam)
        if s.ear is Ear.LISTENING and s.entry is not None:
            if jam.timeline.tick(jam.now) // FRAME_TICKS - s.entry < bar // 2:
                return
            material = self._heard_form(jam)
            if material is not None:
                jam.session = s.with_material(material)
        jam.heard_sent_ns = jam.now


def form_bars(jam: Jam) -> int:
    """Bars of the form that was given, else of the one the band has found; 0 for none."""
    given = jam.options.form
    if given == "blues":
        return BLUES_BARS
    return int(given) if given.isdecimal() else jam.following.form_bars


def beats_until(jam: Jam, frame: int) -> float:
    """Beats from now to a frame (the countdown of the silence period)."""
    ns = jam.timeline.ns(frame * FRAME_TICKS) - jam.now
    quarters = ns * jam.timeline.tempo.bpm / NS_PER_MINUTE
    return max(0.0, quarters * TICKS_PER_QUARTER / jam.meter.beat_ticks)

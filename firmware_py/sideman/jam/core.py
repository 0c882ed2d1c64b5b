"""The jam's state and its hands: what the conductor, the effects and the modes work on.

Everything here runs on the conductor's thread alone.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sideman.band.messages import Ask, Knobs, Part, PartNote, Plan
from sideman.jam import naming, standby
from sideman.jam.book import PlanBook, border, moved, repeated, splice
from sideman.jam.cues import NoteAhead, NoteSounds, Shown, StageCue
from sideman.jam.events import Event
from sideman.jam.listener import Listener, as_notes, as_taps
from sideman.jam.live import BEATS_AHEAD, Live, Stability
from sideman.jam.options import ALL_PARTS, LINEUPS, Options
from sideman.jam.ports import BandLink, Clock, Front, Journal, MidiOut
from sideman.jam.record import Recorder
from sideman.jam.session import Session
from sideman.jam.sounding import Sounding
from sideman.jam.states import SOUNDING, BandState, Ear
from sideman.jam.timeline import LEAD_TICKS, Timeline
from sideman.music.meter import FRAME_TICKS, Meter
from sideman.music.notes import Note

EVENT, TIMER, FRAME, NOTE_OFF, NOTE_ON = range(5)
"""Order of things due at the same nanosecond."""

Cue = tuple[int, int, int, str, Any]
"""A thing to do: moment, order, serial, kind, payload."""

CLICK_FORM, CLICK_BAR, CLICK_BEAT = 56, 76, 77
"""Cowbell, high and low wood block of General MIDI."""

NOTICE_NS = 2_000_000_000
WAITING_PARTS: tuple[Part, ...] = ("bass", "chords")
"""Parts whose first notes may wait for the player (just-in-time commit)."""
HEARD_BARS = 32
"""Bars of what was heard that the rules are given: an evening must not slow the box."""


@dataclass(slots=True)
class Ports:
    """The world outside: every one of them may be a stand-in."""

    clock: Clock
    out: MidiOut
    front: Front
    link: BandLink
    journal: Journal


class Jam:
    """State of one jam. ``now`` is the logical moment: that of the event or cue being handled."""

    def __init__(self, options: Options, ports: Ports, start_ns: int) -> None:
        self.options = options
        self.ports = ports
        self.now = start_ns
        self.start_ns = start_ns
        self.session = Session()
        self.timeline = Timeline(start_ns, options.bpm, options.meter)
        self.listener = Listener(round(options.ghost_ms * 1e6), options.ghost_velocity)
        self.book = PlanBook()
        self.sounding = Sounding()
        self.untold: list[tuple[int, int, str, int, int, int]] = []
        self.errands: deque[Callable[[], None]] = deque()
        """What goes to other threads (log, screens, asks), in order. It waits while anything is near: drawing takes its
        time, and a thread that is woken wants the interpreter for itself."""
        self.held: list[tuple[int, bytes]] | None = None
        self.recorder = Recorder()
        self.following = Live()
        self.stability = Stability()
        self.heap: list[Cue] = []
        self._seq = 0
        self.frame = 0
        self.frame_serial = 0
        self.window = 0
        self.pending: dict[int, Ask] = {}
        self.arrived: dict[int, Plan] = {}
        self.asked = 0
        self.prepared: Plan | None = None
        self.final_asked = 0
        self.final: Plan | None = None
        self.preparing: set[int] = set()
        self.phrase_known = -1
        self.heard_sent_ns = 0
        self.found_bpm: float | None = None
        self.base_bpm = 0.0
        self.band_up = True
        self.models: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        self.faults: dict[str, str] = {}
        self.notice: tuple[int, str] = (0, "")
        self.flash: tuple[int, str] = (0, "")
        self.page_until = 0
        self.held_switch: tuple[str, int] | None = None
        self.instruments: dict[str, bool] = {}
        self.output = ""
        self.chosen: tuple[tuple[str, str], ...] = ()
        self.sound_serial = 0
        self.late_plans = 0
        self.late_events = 0
        self.plans = 0
        self.lateness: list[int] = []
        self.model_ms: dict[str, list[float]] = {}
        self.done = False

    # the heap -----------------------------------------------------------------------------------------------

    def push(self, ns: int, order: int, kind: str, payload: Any) -> None:
        """Put a thing to do on the heap, due at ``ns``."""
        self._seq += 1
        heapq.heappush(self.heap, (ns, order, self._seq, kind, payload))

    def at(self, ns: int, kind: str, payload: Any = None) -> None:
        """Set a timer."""
        self.push(ns, TIMER, kind, payload)

    def retime(self) -> None:
        """Every cue that has a tick moves to its new moment (after a change of the tempo map)."""
        items = []
        for ns, order, seq, kind, payload in self.heap:
            if kind in ("on", "off"):
                items.append((max(self.timeline.ns(payload[0]), self.now), order, seq, kind, payload))
            elif kind != "frame":
                items.append((ns, order, seq, kind, payload))
        heapq.heapify(items)
        self.heap = items
        self.schedule_frames()

    # frames -------------------------------------------------------------------------------------------------

    def schedule_frames(self) -> None:
        """(Re)start the frames from the next one on."""
        self.frame_serial += 1
        self.frame = self.timeline.next_frame(self.now)
        self.push(self.timeline.decision_ns(self.frame), FRAME, "frame", (self.frame_serial, self.frame))

    def stop_frames(self) -> None:
        """No frames until something starts again: the box idles."""
        self.frame_serial += 1

    # logging and showing ------------------------------------------------------------------------------------

    def log(self, kind: str, **values: Any) -> None:
        """Write a record of what the jam did (not an input: replay does not read it)."""
        self.errands.append(partial(self.ports.journal.write, {"did": kind, "ns": self.now} | values))

    def log_event(self, event: Event, taken: int) -> None:
        """Write an input as the conductor took it: replay reads these."""
        self.errands.append(partial(self.ports.journal.write, {"in": event, "taken": taken}))

    def show(self, item: Shown) -> None:
        """Hand something to the screens."""
        self.errands.append(partial(self.ports.front.show, item))

    def show_drawn(self, draw: Callable[[], Shown]) -> None:
        """Hand something to the screens that takes a while to draw."""
        self.errands.append(lambda: self.ports.front.show(draw()))

    def say(self, text: str, *, refused: bool = False) -> None:
        """Show a notice for two seconds."""
        self.notice = (self.now + NOTICE_NS, text)
        if refused:
            self.flash = (self.now + 600_000_000, "refused")
        self.at(self.now + NOTICE_NS, "status")

    def cue(self, name: str, beats: float = 0.0, due_ns: int | None = None) -> None:
        """Tell the stage what is about to happen."""
        self.show(StageCue(self.now if due_ns is None else due_ns, name, beats))

    # sounding -----------------------------------------------------------------------------------------------

    def send(self, data: bytes, due: int, source: str = "") -> None:
        """Hand bytes to the port and note how late they are; while :attr:`held` is a list they only go there."""
        if self.held is not None:
            self.held.append((due, data))
            return
        self.ports.out.send(data, source=source)
        late = self.ports.clock.now() - due
        if len(self.lateness) < 1_000_000:
            self.lateness.append(late)

    def level(self, part: str) -> int:
        """Velocity factor of a part in 127ths: its level and, but for the player, the band's."""
        own = self.options.part(part)
        if own.mute:
            return 0
        return own.level if part == "player" else own.level * self.options.band_level // 127

    def schedule_note(self, note: PartNote) -> None:
        """Put a note of the plan on the heap as cues."""
        self.push(
            max(self.timeline.ns(note.tick), self.now),
            NOTE_ON,
            "on",
            (note.tick, note.part, note.pitch, note.velocity, note.duration),
        )

    def tell_ahead(self, notes: list[PartNote]) -> None:
        """Tell the stage of committed notes before they sound."""
        waits, latest_ns = self.following.waiting, self.following.latest_ns
        until = None if waits is None else border(waits.start + 1)
        for note in notes:
            waiting = until is not None and note.part in WAITING_PARTS and note.tick < until
            self.show_drawn(partial(self._ahead, note, latest_ns if waiting else 0))

    def _ahead(self, note: PartNote, earliest_ns: int) -> NoteAhead:
        due = max(self.timeline.ns(note.tick), earliest_ns)
        length = max(0, self.timeline.ns(note.tick + note.duration) - due)
        return NoteAhead(due, note.part, self.options.part(note.part).channel, note.pitch, note.velocity, length)

    def note_on(self, due: int, tick: int, part: str, pitch: int, velocity: int, duration: int) -> None:
        """Sound a note of the band."""
        own = self.options.part(part)
        if own.mute:
            return
        if self.sounding.is_on(part, own.channel, pitch):
            self.note_off(due, tick, part, own.channel, pitch, None)
        serial = self.sounding.start(part, own.channel, pitch)
        self.sound_serial += 1
        self.send(bytes((0x90 | own.channel, pitch, velocity)), due)
        self.untold.append((due, tick, part, own.channel, pitch, velocity))
        off = tick + duration
        self.push(max(self.timeline.ns(off), self.now + 1), NOTE_OFF, "off", (off, part, own.channel, pitch, serial))

    def note_off(self, due: int, tick: int, part: str, channel: int, pitch: int, serial: int | None) -> None:
        """End a note of the band, unless it was struck again since."""
        if not self.sounding.end(part, channel, pitch, serial):
            return
        self.send(bytes((0x80 | channel, pitch, 0)), due)
        self.untold.append((due, tick, part, channel, pitch, 0))

    def tell(self) -> None:
        """Keep and show what went out since: the notes of one moment leave first, one right after the other."""
        for due, tick, part, channel, pitch, velocity in self.untold:
            self.timeline.use(tick)
            if velocity:
                self.recorder.note_on(part, pitch, velocity, tick)
            else:
                self.recorder.note_off(part, pitch, tick)
            self.show(NoteSounds(due, part, channel, pitch, velocity))
        self.untold.clear()

    def hush(self, *parts: str) -> None:
        """End every sounding note of some parts now (all of the band's if none is named)."""
        tick = self.timeline.tick(self.now)
        for part, channel, pitch in self.sounding.of(*(parts or tuple(p for p in ALL_PARTS if p != "player"))):
            if self.sounding.end(part, channel, pitch):
                self.send(bytes((0x80 | channel, pitch, 0)), self.now)
                self.recorder.note_off(part, pitch, tick)
                self.timeline.use(tick)
                self.show(NoteSounds(self.now, part, channel, pitch, 0))

    def drop_cues(self) -> None:
        """Forget every note-on that has not gone out yet."""
        self.heap = [item for item in self.heap if item[3] != "on"]
        heapq.heapify(self.heap)

    # state --------------------------------------------------------------------------------------------------

    def become(self, **changes: Any) -> None:
        """Put another session in place and tell everybody."""
        before = self.session.state
        self.session = replace(self.session, **changes)
        after = self.session.state
        if after is not before:
            self.entered(after.value)

    def entered(self, state: str) -> None:
        """The box entered a state."""
        self.recorder.state(self.now, state)
        self.log("state", state=state, ear=self.session.ear.value, band=self.session.band.value)

    @property
    def playing(self) -> bool:
        """Whether the band sounds or is about to."""
        return self.session.band in SOUNDING

    def tempo_found(self, bpm: float) -> None:
        """A tempo was found from the playing: from here on it may be leaned on."""
        self.found_bpm = self.base_bpm = bpm

    @property
    def live(self) -> bool:
        """Whether the band follows what is being played, whatever phrase was committed before."""
        return self.options.mode == "follow" and self.session.ear is Ear.LISTENING

    @property
    def meter(self) -> Meter:
        """Meter of the timeline."""
        return self.timeline.meter

    @property
    def lineup(self) -> tuple[Part, ...]:
        """Parts that play."""
        return LINEUPS[self.options.lineup]  # type: ignore[return-value]  # the table holds parts only

    # asking the band ----------------------------------------------------------------------------------------

    def make_ask(self, start: int, end: int, **values: Any) -> Ask:
        """A request for frames ``start`` to ``end`` with everything that follows from the jam's state."""
        s = self.session
        material = None if self.live else s.material
        self.asked += 1
        origin, chords = values.pop("origin", s.origin), values.pop("chords", None)
        if chords is None and self.live:
            stands = splice(self.book.chords, (), max(self.book.committed, start), 1 << 60)
            chords = tuple(c for c in stands if c.onset + c.frames > start - 64)
        elif chords is None and material is not None and material.form:
            chords = repeated(material.form, origin, material.frames, start - self.meter.bar_frames, end)
        return Ask(
            id=self.asked,
            seed=self.options.seed,
            epoch=s.epoch,
            mode=self.options.mode,
            meter=self.meter,
            bpm=self.timeline.tempo.bpm,
            frame=values.pop("frame", self.frame),
            start=start,
            end=end,
            origin=origin,
            form_frames=material.frames if material is not None else 0,
            chords=chords or (),
            fill_to=s.fill_to,
            ending=s.ending,
            lineup=self.lineup,
            variation=s.variation,
            one=s.one if self.live else None,
            knobs=Knobs(
                key="" if self.options.key == "auto" else self.options.key,
                temperature=self.options.temperature,
                style=self.options.style,
                variety=self.options.variety,
                transpose=self.options.transpose,
                harmonic_rhythm=self.options.harmonic_rhythm,
                complexity=self.options.complexity,
                cadence=self.options.cadence,
                form=self.options.form,
                key_lock=self.options.key_lock,
                scale=self.options.scale,
            ),
            **values,
        )

    def send_ask(self, ask: Ask) -> None:
        """Send a request; its answer takes effect at the frame after the one it names."""
        if not self.band_up:
            return
        self.pending[ask.id] = ask
        self.log("ask", id=ask.id, frame=ask.frame, start=ask.start, end=ask.end, epoch=ask.epoch)
        self.errands.append(partial(self.ports.link.ask, ask))

    def ask_final(self, ask: Ask) -> None:
        """Send the request for the stroke that ends the song; its answer waits in :attr:`final` for that downbeat."""
        if not self.band_up:
            return
        self.final_asked, self.final = ask.id, None
        self.log("ask", id=ask.id, frame=ask.frame, start=ask.start, end=ask.end, epoch=ask.epoch)
        self.errands.append(partial(self.ports.link.ask, ask))

    def apply_plans(self, frame: int) -> list[Plan]:
        """Plans whose frame has come take effect; returns those of this epoch, in order of their asks."""
        due = []
        for number in sorted(self.pending):
            ask = self.pending[number]
            if ask.frame + 1 > frame:
                continue
            plan = self.arrived.pop(number, None)
            if plan is None:
                if ask.frame + 1 == frame:
                    self.late_plans += 1
                    self.log("late", ask=number, frame=frame)
                continue
            del self.pending[number]
            if plan.epoch == self.session.epoch:
                began = self.playing and ask.mode == "trade" and ask.id in self.preparing
                due.append(moved(plan, self.session.origin - ask.origin) if began else plan)
            self.preparing.discard(number)
        return due

    def by_rules(self, start: int, end: int, **values: Any) -> None:
        """Fill a window by the rule-based parts, at once: the band is late, down, or was never asked."""
        plan = standby.by_rules(self, start, end, **values)
        self.log("rules", start=start, end=end)
        self.book.merge(plan)
        self.sources.update({part: "rules" for part, _ in plan.sources})

    def heard_notes(self, since_ns: int | None = None) -> tuple[Note, ...]:
        """What the player played since the phrase began (or since a moment), on the jam's ticks."""
        start = since_ns if since_ns is not None else self._listened_since()
        if start is None:
            return ()
        return as_notes(self.listener.between(start, self.now + 1), self.timeline.tempo, self.now, 0)

    def heard_taps(self) -> tuple[Note, ...]:
        """What was struck on drum pads since the phrase began, on the jam's ticks."""
        start = self._listened_since()
        if start is None:
            return ()
        return as_taps(self.listener.between(start, self.now + 1), self.timeline.tempo, self.now, 0)

    def _listened_since(self) -> int | None:
        start = self.session.listen_ns
        if start is None or not self.live:
            return start
        return max(start, self.timeline.ns(self.timeline.tick(self.now) - HEARD_BARS * self.meter.bar_ticks))

    def ensure(self, frame: int, **values: Any) -> None:
        """Make sure the plan reaches a frame; what is missing is played by the rules."""
        if self.book.filled < frame:
            self.by_rules(max(self.book.filled, self.book.committed), frame, **values)

    def commit(self, frame: int) -> None:
        """Freeze the plan up to a frame and tell the stage what will sound."""
        before = border(self.book.committed)
        self.book.commit(frame)
        after = border(self.book.committed)
        if after > before:
            self.tell_ahead([n for n in self.book.notes if before <= n.tick < after])

    def announce(self, frame: int) -> None:
        """Remember what the plan says two beats ahead, to see later whether it was played."""
        if not self.live:
            self.stability.forget()
            return
        then = frame + BEATS_AHEAD * self.meter.beat_ticks // FRAME_TICKS
        span = self.book.chord_at(then)
        if span is not None:
            self.stability.announce(then, span.chord.label)

    def sounded_chord(self, frame: int) -> None:
        """Keep the chord that sounds in a frame."""
        span, entry = self.book.chord_at(frame), self.session.entry
        sounds = span is not None and entry is not None and frame >= entry
        self.recorder.harmony(frame, naming.label(self, span.chord) if span is not None and sounds else "")
        if self.live and span is not None:
            self.stability.played(frame, span.chord.label)

    def enter(self, start_tick: int) -> None:
        """Sound begins: the first notes are those from a tick on."""
        self.window = start_tick
        self.schedule_frames()
        self.emit_until(self.frame * FRAME_TICKS - LEAD_TICKS)

    def emit_until(self, tick: int) -> None:
        """Put every planned note before a tick, and the clicks, on the heap."""
        if tick <= self.window:
            return
        live, kept = self.following, []
        first = None if live.due is None else border(live.due)
        wait = live.waiting is not None or (live.due is not None and self.frame < live.due)
        for note in self.book.take(tick):
            held = first is not None and note.part in WAITING_PARTS and note.tick >= first
            if held and wait:
                kept.append(note)
            elif held or note.tick >= self.window:
                self.schedule_note(note)
        for note in kept:
            self.book.add(note)
        self._clicks(self.window, tick)
        self.window = tick

    def click_alone(self, frame: int) -> None:
        """The click of a frame while the player is listened to and the band is silent."""
        if self.options.click and self.session.pulse and self.session.ear is Ear.LISTENING:
            self._clicks(frame * FRAME_TICKS - LEAD_TICKS, (frame + 1) * FRAME_TICKS - LEAD_TICKS)

    def _clicks(self, start: int, end: int) -> None:
        """The click: three sounds, for the form's first beat, a bar's and any other (PSC7); 16ths softly between."""
        origin = self.session.origin * FRAME_TICKS
        line = self.timeline
        counting = self.session.band is BandState.COUNT_IN
        beats = self.meter.beats
        every = range(0, self.meter.bar_ticks, FRAME_TICKS) if self.options.click_every == "16th" else beats
        bar = line.bar_line(line.bar(start))
        while bar < end:
            for beat in every:
                tick = bar + beat
                if start <= tick < end and (self.options.click or (counting and tick < origin)):
                    pitch = CLICK_FORM if tick == origin else CLICK_BAR if beat == 0 else CLICK_BEAT
                    loud = min(127, self.options.click_level + (30 if beat == 0 else 0))
                    velocity = loud if beat in beats else max(1, loud // 2)
                    self.push(max(line.ns(tick), self.now), NOTE_ON, "on", (tick, "click", pitch, velocity, 60))
            bar += self.meter.bar_ticks

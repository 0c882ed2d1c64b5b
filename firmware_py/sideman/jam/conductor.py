"""The conductor: takes events and cues in the order of their moments, and owns everything the jam knows.

It has no thread and no clock of its own: a driver calls :meth:`Conductor.advance` when something is due, in real
time or as fast as it can. The same events in the same order give the same music (house rule 4).
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import Any, TypeVar

from sideman.band.messages import Plan
from sideman.jam import events as ev
from sideman.jam import just_in_time, loudness, menu, playing, screen, settle, standby
from sideman.jam.book import repeated
from sideman.jam.by_name import perform_named
from sideman.jam.core import EVENT, NOTE_ON, Jam, Ports
from sideman.jam.cues import BeatCue, Status
from sideman.jam.effects import recall
from sideman.jam.feet import Feet
from sideman.jam.levels import Levels
from sideman.jam.listener import DRUM_CHANNEL
from sideman.jam.modes import MODES, mode_of
from sideman.jam.modes.follow import Follow
from sideman.jam.options import Options
from sideman.jam.states import SOUNDING, BandState, Ear, State
from sideman.jam.thru import Thru
from sideman.jam.timeline import LEAD_TICKS
from sideman.music.meter import FRAME_TICKS

IDLE_BARS = 2
STATUS_NS = 100_000_000
AFTER_NOTES = NOTE_ON + 1
"""Order of what is shown on a beat: the beat's notes go out first."""
NOTES = ("on", "off")
"""Kinds of cues that begin and end a note of the band."""
SOUNDING_KINDS = ("event", *NOTES)
SOUNDING_STATES = (State.COUNT_IN, State.PLAYING, State.LISTEN_PLAY)
CROWD = 200
"""More errands than this (a bar has some dozens) do not wait any longer."""
_Note = TypeVar("_Note", ev.NoteOn, ev.NoteOff)
LATE_EVENT_NS = 1_000_000
"""An event this much behind what was already done is counted as late."""


class Conductor:
    """One heap of everything that is to happen, handled one by one."""

    def __init__(self, options: Options, ports: Ports, start_ns: int) -> None:
        self.jam = Jam(options, ports, start_ns)
        self.feet = Feet(self.jam)
        self.thru = Thru(self.jam)
        self._last_state = self.jam.session.state
        self._beat_told = -(1 << 60)
        self._status_waits = False
        self.jam.log("start")
        self.jam.entered(self.jam.session.state.value)
        self._higher: dict[tuple[str, int, int], int] = {}
        self.levels = Levels(self.jam)
        self.levels.send()
        self.jam.at(start_ns, "status")
        self.jam.at(start_ns + screen.TUNING_NS, "status")

    # driving ------------------------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> None:
        """Take an event; one stamped ahead waits for its moment. Only the conductor's thread calls this."""
        self.jam.push(event.ns, EVENT, "event", event)

    def post_logged(self, event: ev.Event, taken: int) -> None:
        """Take an event of a log again, at the logical moment at which it was taken then."""
        self.jam.push(taken, EVENT, "event", event)

    def next_due(self) -> int | None:
        """Moment of the next thing to do, None when there is nothing."""
        return self.jam.heap[0][0] if self.jam.heap else None

    @property
    def done(self) -> bool:
        """Whether the jam is over."""
        return self.jam.done

    @property
    def idle(self) -> bool:
        """Whether nothing sounds and nothing is about to: a good moment to collect garbage."""
        return not self.jam.playing and len(self.jam.sounding) == 0

    def advance(self, now: int) -> None:
        """Handle everything due by a moment, errands included."""
        self.handle(now)
        while self.errand():
            pass

    def handle(self, now: int) -> None:
        """Handle everything due by a moment, and leave the errands: in real time they are done when nothing is near."""
        heap = self.jam.heap
        while heap and heap[0][0] <= now and not self.jam.done:
            if heap[0][3] not in NOTES and self.jam.untold:
                self.jam.tell()
            while len(self.jam.errands) > CROWD:
                self.errand()
            ns, _, _, kind, payload = heapq.heappop(heap)
            if kind == "event":
                if ns <= self.jam.now:  # it comes late: it takes its place after what was done
                    late = self.jam.now + 1
                    self.jam.late_events += late - payload.ns > LATE_EVENT_NS
                    self.jam.push(late, EVENT, "event", payload)
                    continue
                self._take(payload, ns)
            else:
                self.jam.now = max(self.jam.now, ns)
                self._timer(kind, payload, ns)
            heap = self.jam.heap
            if self.jam.session.state is not self._last_state:
                self._state_changed()

    def errand(self) -> bool:
        """Do one of the things that could wait until nothing was near; False when there is none."""
        if self.jam.untold:
            self.jam.tell()
        elif self.jam.errands:
            self.jam.errands.popleft()()
        else:
            return False
        return True

    @property
    def sounds_next(self) -> bool:
        """Whether what comes next may be heard at once: a note, what a player does, a decision that notes follow."""
        if not self.jam.heap:
            return False
        kind = self.jam.heap[0][3]
        return kind in SOUNDING_KINDS or (kind == "frame" and self.jam.playing)

    def ready(self, until: int) -> list[tuple[int, bytes]]:
        """Do all but the sending for the band's notes that come next, as far as they are due by a moment.

        The moment may lie a little ahead: a driver that must not be late has the bytes in its hand when they are due.

        Returns:
            Moment and bytes of each message in order. The caller owes each to ``jam.send``, before anything else.
        """
        jam, held = self.jam, list[tuple[int, bytes]]()
        jam.held = held
        while jam.heap and jam.heap[0][0] <= until and jam.heap[0][3] in NOTES:
            ns, _, _, kind, payload = heapq.heappop(jam.heap)
            jam.now = max(jam.now, ns)
            self._timer(kind, payload, ns)
        jam.held = None
        return held

    def _take(self, event: ev.Event, taken: int) -> None:
        self.jam.now = taken
        self.jam.log_event(event, taken)
        self._event(event)

    # events -------------------------------------------------------------------------------------------------

    def _event(self, event: ev.Event) -> None:
        jam = self.jam
        match event:
            case ev.NoteOn():
                event = self._moved(event)
                self.thru.note_on(event)
                self._heard(event)
            case ev.NoteOff():
                event = self._moved(event)
                self.thru.note_off(event)
                self._released(event)
            case ev.Controller():
                self.thru.controller(event)
            case ev.OtherMidi():
                self.thru.other(event)
            case ev.SwitchEdge():
                self.feet.edge(event)
                self._status()
            case ev.EffectAsked():
                self._asked(event)
                self._status()
            case ev.PlanReady():
                self._plan(event)
            case ev.SettingChanged():
                settle.change(jam, event.key, event.value)
                self._status()
            case ev.BandChanged():
                self._band(event)
            case ev.PortAppeared() | ev.PortVanished():
                self._port(event)
            case ev.Fault():
                if event.text:
                    jam.faults[event.device] = event.text
                else:
                    jam.faults.pop(event.device, None)
                self._status()
            case ev.PhraseRecalled():
                recall(jam, event.phrase)
                self._status()
            case ev.Shutdown():
                self._shutdown()

    def _moved(self, event: _Note) -> _Note:
        """A note of the player's as it is heard: transposed, its end as its beginning was."""
        key = (event.port, event.channel, event.pitch)
        if isinstance(event, ev.NoteOn):
            higher = 0 if event.channel == DRUM_CHANNEL else self.jam.options.heard_higher
            self._higher[key] = higher if 0 <= event.pitch + higher <= 127 else 0
            higher = self._higher[key]
        else:
            higher = self._higher.pop(key, 0)
        return replace(event, pitch=event.pitch + higher) if higher else event

    def _heard(self, event: ev.NoteOn) -> None:
        jam = self.jam
        note = jam.listener.note_on(event)
        just_in_time.struck(jam, note)
        s = jam.session
        if s.ear is not Ear.ARMED or event.velocity < jam.options.ghost_velocity:
            return
        if jam.options.tempo_fixed and not s.tapped and not jam.playing:  # nothing is heard: the note is the downbeat
            jam.hush()
            jam.timeline.anchor(event.ns, jam.options.quarter_bpm, jam.options.meter)
            jam.session = s = replace(s, pulse=True)
        elif not s.tapped and not jam.options.tempo_fixed and not jam.playing:
            jam.hush()
            jam.session = s = replace(s, pulse=False)
            jam.timeline.meter = jam.options.meter
        jam.become(ear=Ear.LISTENING, listen_ns=note.ns, listen_tick=None)
        jam.recorder.mark(event.ns, "listen")
        mode_of(jam).first_note(jam, event)
        if jam.session.pulse:
            jam.schedule_frames()

    def _released(self, event: ev.NoteOff) -> None:
        jam = self.jam
        note = jam.listener.note_off(event)
        s = jam.session
        ghost = note is not None and not jam.listener.counts(note) and note.ns == s.listen_ns
        if ghost and s.ear is Ear.LISTENING and not jam.playing and s.listen_ns is not None:
            later = jam.listener.between(s.listen_ns, jam.now + 1)
            if later:
                jam.become(listen_ns=later[0].ns)
            else:
                jam.become(ear=Ear.ARMED, listen_ns=None)

    def _asked(self, event: ev.EffectAsked) -> None:
        jam = self.jam
        name = event.name.strip()
        if name.startswith("press "):
            switch = name[6:].upper()
            if switch in ("START", "STOP", "PLAY", "TAP", "NEXT"):
                self.feet.press(switch, event.ns)  # type: ignore[arg-type]  # checked on the line above
                return
        if name == "tap":
            self.feet.press("TAP", event.ns)
        else:
            perform_named(jam, name)

    def _plan(self, event: ev.PlanReady) -> None:
        jam = self.jam
        plan = event.plan
        for family, ms in plan.model_ms:
            jam.model_ms.setdefault(family, []).append(ms)
        if plan.ask == jam.final_asked:
            jam.final = plan
        elif plan.ask in jam.pending:
            jam.plans += plan.ask not in jam.arrived  # a plan may come again, with other chords beside it
            jam.arrived[plan.ask] = plan

    def _band(self, event: ev.BandChanged) -> None:
        jam = self.jam
        jam.band_up = event.up
        jam.models = dict(event.models)
        jam.log("band", up=event.up, why=event.why)
        jam.pending.clear()
        jam.arrived.clear()
        jam.phrase_known = -1
        if jam.session.listen_ns is not None:
            jam.heard_sent_ns = jam.session.listen_ns  # a new band process has heard nothing: tell it all again
        if event.up:
            jam.faults.pop("band", None)
            if not jam.playing and jam.session.material is not None:
                mode_of(jam).prepare(jam)
                jam.schedule_frames()
        else:
            jam.faults["band"] = event.why or "restarting"
        for family, state in event.models:
            if state == "ok":
                jam.faults.pop(f"model {family}", None)
            else:
                jam.faults[f"model {family}"] = state
        self._status()

    def _port(self, event: ev.PortAppeared | ev.PortVanished) -> None:
        jam = self.jam
        here = isinstance(event, ev.PortAppeared)
        if event.direction == "out":
            jam.output = event.port if here else ("" if jam.output == event.port else jam.output)
            if here:
                self.levels.forget()  # a port that opens knows nothing, or what another program left there
                self.levels.send()
        else:
            jam.instruments[event.port] = here
            if not here:
                self.thru.unplugged(event.port)
                jam.listener.vanished(event.port, jam.now)
                jam.say("UNPLUGGED")
            else:
                jam.say(event.port[:21])
        self._status()

    def _shutdown(self) -> None:
        jam = self.jam
        jam.hush()
        playing.stop(jam, "stop")
        self.thru.silence()
        jam.ports.out.panic()
        jam.log("shutdown")
        self._status()
        jam.done = True

    # timers -------------------------------------------------------------------------------------------------

    def _timer(self, kind: str, payload: Any, ns: int) -> None:
        jam = self.jam
        match kind:
            case "on":
                tick, part, pitch, velocity, duration = payload
                level = jam.level(part)
                if level:
                    jam.note_on(ns, tick, part, pitch, loudness.touch(jam, part, tick, velocity), duration)
            case "off":
                tick, part, channel, pitch, serial = payload
                jam.note_off(ns, tick, part, channel, pitch, serial)
            case "frame":
                serial, frame = payload
                if serial == jam.frame_serial:
                    self._frame(frame)
            case "hold":
                self.feet.hold_due(payload)
                self._status()
            case "silence":
                self.feet.silence_due(payload)
            case "pair_held":
                self.feet.pair_held_due(payload)
            case "double":
                self.feet.double_due(payload)
            case "menu":
                menu.expired(jam, payload)
            case "look":
                follow = MODES["follow"]
                if isinstance(follow, Follow):
                    follow.look(jam, payload)
            case "just_in_time":
                just_in_time.time_is_up(jam, payload)
            case "plan":
                screen.show_plan(jam)
                self._status()
            case "levels":
                self.levels.send()
            case "sounds":
                self.levels.style = payload
                self.levels.send()
            case "lineup":
                jam.hush(*payload)
            case _:
                self._status()

    def _frame(self, frame: int) -> None:
        """Decide a frame: plans take effect, the mode asks and commits, its notes become cues."""
        jam = self.jam
        jam.frame = frame
        awaited, plans = jam.playing and standby.chords_lack(jam), jam.apply_plans(frame)
        for plan in plans:
            self._merge(plan)
        if plans and awaited and not standby.chords_lack(jam):
            playing.join_form(jam, plans[-1])
        loudness.listen(jam, frame)
        s = jam.session
        if s.band is BandState.COUNT_IN and frame >= s.origin:
            jam.become(band=BandState.PLAYING)
        playing.approach_ending(jam, frame)
        if s.band is BandState.ENDING and s.ending is not None and frame >= s.ending:
            jam.emit_until(playing.last_tick(jam))
            playing.reach_ending(jam, frame)
            self.feet.ended_ns = jam.now
        else:
            mode_of(jam).on_frame(jam, frame)
            if jam.playing:
                jam.ensure(frame + 1, solo=mode_of(jam).solo_at(jam, frame))
                # What the groove would strike early on the final downbeat gives way to the stroke that ends the song.
                ends = playing.last_tick(jam)
                jam.emit_until(min((frame + 1) * FRAME_TICKS - LEAD_TICKS, ends))
                if not just_in_time.begin(jam):
                    jam.sounded_chord(frame)
                jam.announce(frame)
                jam.book.forget_before(frame - 64 * 16)
            else:
                jam.click_alone(frame)
        self._beat(frame)
        if jam.frame != frame:
            return  # the tempo or the state changed on the way: frames were set anew
        self._next_frame(frame)

    def _next_frame(self, frame: int) -> None:
        jam = self.jam
        last = jam.listener.last_ns() or 0
        quiet_ns = round(IDLE_BARS * jam.meter.bar_ticks / 960 * 60e9 / jam.timeline.tempo.bpm)
        if jam.playing or jam.pending or jam.session.ear is Ear.LISTENING or jam.now - last < quiet_ns:
            jam.frame = frame + 1
            jam.push(jam.timeline.decision_ns(frame + 1), 2, "frame", (jam.frame_serial, frame + 1))

    def _merge(self, plan: Plan) -> None:
        jam = self.jam
        if jam.playing and not standby.agrees(jam, plan):
            jam.log("other_form", ask=plan.ask)
            return
        if jam.session.band in SOUNDING or jam.session.ear is Ear.LISTENING:
            plan = self._on_form(plan)
            if plan.start < plan.end and not jam.book.merge(plan):
                jam.log("too_late", ask=plan.ask)
            heard = {note.part for note in plan.notes}
            jam.sources.update((part, by) for part, by in plan.sources if part in heard)
        else:
            jam.prepared = plan
        mode_of(jam).took(jam, plan)
        screen.show_plan(jam)

    def _on_form(self, plan: Plan) -> Plan:
        """Where the form's chords are known, they are what stands in every window."""
        jam = self.jam
        s, material = jam.session, jam.session.material
        if material is None or not material.form or jam.live:
            return plan
        return replace(plan, chords=repeated(material.form, s.origin, material.frames, plan.start, plan.end))

    def _beat(self, frame: int) -> None:
        jam = self.jam
        line = jam.timeline
        tick = frame * FRAME_TICKS
        if jam.session.pulse and line.within(tick) in line.meter.beats and tick != self._beat_told:
            self._beat_told = tick
            bar = (tick - line.bar_zero) // line.meter.bar_ticks + 1
            jam.show(BeatCue(line.ns(tick), bar, line.meter.beat_of(tick - line.bar_zero) + 1))
            jam.push(line.ns(tick), AFTER_NOTES, "status", None)

    # showing ------------------------------------------------------------------------------------------------

    def _status(self) -> None:
        """Draw the status soon: what a press starts must not wait for the drawing."""
        if not self._status_waits:
            self._status_waits = True
            self.jam.show_drawn(self._drawn)
            if self.jam.held_switch is not None:
                self.jam.at(self.jam.now + STATUS_NS, "status")

    def _drawn(self) -> Status:
        self._status_waits = False
        return screen.status(self.jam)

    def _state_changed(self) -> None:
        sounded = self._last_state in SOUNDING_STATES
        self._last_state = self.jam.session.state
        if self._last_state in SOUNDING_STATES and not sounded:  # a program may have joined our port in the meantime
            self.levels.forget(but=self.jam.options.part("player").channel)
            self.levels.send()
        self._status()

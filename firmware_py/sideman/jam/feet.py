"""From switch edges to gestures: presses act on the down edge; a hold, double or pair takes back what they began."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from sideman.jam import menu
from sideman.jam.book import PlanBook
from sideman.jam.core import Cue, Jam
from sideman.jam.effects import perform
from sideman.jam.events import Switch, SwitchEdge
from sideman.jam.modes import mode_of
from sideman.jam.options import Options
from sideman.jam.session import Session
from sideman.jam.states import SOUNDING, State
from sideman.jam.table import Gesture, cell
from sideman.jam.tap import tap
from sideman.jam.timeline import Timeline

TAP_MIN_NS, TAP_MAX_NS, TAP_EVEN = 200_000_000, 2_000_000_000, 0.15
TAPS = 3

_PRESS = {"START": Gesture.START, "STOP": Gesture.STOP, "PLAY": Gesture.PLAY}
_HOLD = {"START": Gesture.HOLD_START, "STOP": Gesture.HOLD_STOP, "PLAY": Gesture.HOLD_PLAY}


@dataclass(slots=True)
class Press:
    """A press and what was before it, so that it can be taken back; cues and book only if the band sounded."""

    switch: Switch
    ns: int
    session: Session
    timeline: Timeline
    sound: int
    options: Options
    cues: list[Cue] = field(default_factory=list)
    book: PlanBook = field(default_factory=PlanBook)
    effects: tuple[str, ...] = ()
    used: bool = False


class Feet:
    """Reads the three switches for the jam; owns no musical state."""

    def __init__(self, jam: Jam) -> None:
        self.jam = jam
        self.down: dict[Switch, Press] = {}
        self.last: dict[Switch, Press] = {}
        self.taps: list[Press] = []
        self.silence_waits: Press | None = None
        self.ended_ns = -(1 << 60)

    # edges --------------------------------------------------------------------------------------------------

    def edge(self, event: SwitchEdge) -> None:
        """A switch went down or up."""
        if not event.down:
            self.down.pop(event.switch, None)
            self.jam.held_switch = None
            return
        if event.switch == "TAP":
            self._tap_switch(event.ns)
        elif event.switch == "NEXT":
            self._gesture(Gesture.PAIR)
            self._watch_hold(self._remember(event))
        else:
            self._press(event)

    def press(self, switch: Switch, ns: int) -> None:
        """A press that will never report its release."""
        self.edge(SwitchEdge(ns, switch, down=True))
        self.edge(SwitchEdge(ns, switch, down=False))

    def _remember(self, event: SwitchEdge) -> Press:
        press = self._noted(event.switch, event.ns)
        self.down[event.switch] = press
        return press

    def _noted(self, switch: Switch, ns: int) -> Press:
        jam = self.jam
        press = Press(switch, ns, jam.session, jam.timeline.copy(), jam.sound_serial, jam.options)
        if jam.session.band in SOUNDING:
            press.cues = [cue for cue in jam.heap if cue[3] == "on"]
            press.book = jam.book.copy()
        return press

    def _press(self, event: SwitchEdge) -> None:
        jam = self.jam
        other = self._pair_partner(event)
        previous = self.last.get(event.switch)
        press = self._remember(event)
        self.last[event.switch] = press
        if other is not None:
            self._pair(other, press)
            return
        if event.switch == "START" and self._tapped(press):
            return
        if event.switch == "START" and self._double_start(previous, press):
            return
        if event.switch == "PLAY" and self._double_play(previous, press):
            return
        found = cell(jam.options.mode, jam.session.state, _PRESS[event.switch])
        press.effects = found.effects
        self._watch_hold(press)
        if event.switch == "STOP" and found.effects == ("silence",):
            self.silence_waits = press
            jam.at(event.ns + round(jam.options.pair_ms * 1e6), "silence", press)
            return
        self._do(found.effects)

    # timers -------------------------------------------------------------------------------------------------

    def silence_due(self, press: Press) -> None:
        """No pair came: silence."""
        if self.silence_waits is press:
            self.silence_waits = None
            if self.jam.session.band in SOUNDING:
                self._do(("silence",))

    def hold_due(self, press: Press) -> None:
        """The switch may still be down: then it is a hold."""
        jam = self.jam
        if self.down.get(press.switch) is not press:
            return
        jam.held_switch = None
        if press.switch == "NEXT" or press.used:
            if press.switch == "NEXT":
                self._gesture(Gesture.PAIR_HELD)
            return
        press.used = True
        if press.switch == "STOP":
            self.silence_waits = None
            self._gesture(Gesture.HOLD_STOP)
            return
        if press.session.state is State.COUNT_IN and not jam.playing:
            self._do(cell(jam.options.mode, State.COUNT_IN, _HOLD[press.switch]).effects)  # it begins with that cancel
            return
        if not self._take_back(press):
            jam.say("TOO LATE", refused=True)
            return
        self._gesture(_HOLD[press.switch])

    def pair_held_due(self, presses: tuple[Press, Press]) -> None:
        """STOP and PLAY may still be down together."""
        if all(self.down.get(p.switch) is p for p in presses):
            self._gesture(Gesture.PAIR_HELD)

    def double_due(self, press: Press) -> None:
        """No third START came: it was a double press."""
        if self.last.get("START") is press and not press.used:
            press.used = True
            self._gesture(Gesture.DOUBLE_START)

    # gestures -----------------------------------------------------------------------------------------------

    def _pair_partner(self, event: SwitchEdge) -> Press | None:
        if event.switch not in ("STOP", "PLAY"):
            return None
        other = self.down.get("PLAY" if event.switch == "STOP" else "STOP")
        if other is None or other.used or event.ns - other.ns > self.jam.options.pair_ms * 1e6:
            return None
        return other

    def _pair(self, first: Press, second: Press) -> None:
        jam = self.jam
        first.used = second.used = True
        if self.silence_waits is first:
            self.silence_waits = None
        elif not self._take_back(first):
            jam.say("TOO LATE", refused=True)
            return
        self._gesture(Gesture.PAIR)
        jam.at(second.ns + round(jam.options.hold_s * 1e9), "pair_held", (first, second))

    def _tapped(self, press: Press) -> bool:
        """Whether this START is the third or a later one of an even row; it then sets the tempo."""
        jam = self.jam
        if jam.session.menu is not None:
            self.taps = []
            return False
        row = [*self.taps, press]
        while len(row) > 1 and not _even([p.ns for p in row]):
            row.pop(0)
        self.taps = row
        if len(row) < TAPS:
            return False
        if len(row) == TAPS and not self._take_back(row[0]):
            return False
        for one in row:
            one.used = True
        jam.log("effect", name="tap")
        tap(jam, tuple(p.ns for p in row))
        return True

    def _tap_switch(self, ns: int) -> None:
        jam = self.jam
        press = self._noted("TAP", ns)
        row = [p for p in self.taps if p.switch == "TAP"]
        row.append(press)
        while len(row) > 1 and not _even([p.ns for p in row]):
            row.pop(0)
        self.taps = row
        if len(row) >= TAPS:
            tap(jam, tuple(p.ns for p in row))

    def _double_start(self, previous: Press | None, press: Press) -> bool:
        jam = self.jam
        near = previous is not None and press.ns - previous.ns <= jam.options.double_s * 1e9 and not previous.used
        if previous is None or not near:
            return False
        if cell(jam.options.mode, previous.session.state, Gesture.DOUBLE_START).effects != ("new",):
            return False
        if not self._take_back(previous):
            return False
        previous.used = True
        longest = (1 + TAP_EVEN) / (1 - TAP_EVEN)  # the latest third press that would still be even
        wait = round((press.ns - previous.ns) * longest) + 1_000_000
        jam.at(press.ns + max(wait, TAP_MIN_NS), "double", press)
        return True

    def _double_play(self, previous: Press | None, press: Press) -> bool:
        jam = self.jam
        near_ns = jam.options.double_s * 1e9
        if press.ns - self.ended_ns <= near_ns:
            press.used = True
            return True
        if previous is None or press.ns - previous.ns > near_ns or previous.used:
            return False
        if "end" in previous.effects:
            press.used = previous.used = True
            self._do(("silence",))
            return True
        if any(name in previous.effects for name in ("start", "commit_start", "disarm_start")):
            press.used = True
            return True
        return False

    def _gesture(self, gesture: Gesture) -> None:
        jam = self.jam
        self._do(cell(jam.options.mode, jam.session.state, gesture).effects)

    def _watch_hold(self, press: Press) -> None:
        jam = self.jam
        jam.held_switch = (press.switch, press.ns)
        jam.at(press.ns + round(jam.options.hold_s * 1e9), "hold", press)

    def _do(self, effects: tuple[str, ...]) -> None:
        for name in effects:
            perform(self.jam, name)

    # taking back --------------------------------------------------------------------------------------------

    def _take_back(self, press: Press) -> bool:
        """Put back what was before a press, unless it has already sounded."""
        jam = self.jam
        before, ear = press.session, jam.session.ear
        was_silent = before.band not in SOUNDING
        if was_silent and jam.session.band in SOUNDING and jam.sound_serial != press.sound:
            return False
        if not was_silent and jam.session.band not in SOUNDING:
            if "end" not in press.effects or jam.now - press.ns > jam.options.pair_ms * 1e6:
                return False  # it was silenced or has ended: that was heard
            self._sound_again(press)
        if was_silent:
            jam.drop_cues()
            jam.book.clear(0)
            jam.timeline = press.timeline.copy()
            jam.prepared = None
            jam.pending.clear()
            jam.arrived.clear()
            jam.phrase_known = -1
        epoch = jam.session.epoch + (jam.session.epoch != before.epoch)
        changed = jam.session.state is not before.state
        if epoch != before.epoch and before.listen_ns is not None:
            jam.heard_sent_ns = before.listen_ns  # in a new epoch the band is told all again
        jam.session = before if epoch == before.epoch else replace(before, epoch=epoch)
        if changed:
            jam.entered(jam.session.state.value)
        jam.log("taken_back", switch=press.switch)
        if was_silent and jam.session.pulse:
            jam.schedule_frames()
        if before.menu is not None and press.options is not jam.options:
            menu.put_back(jam, press.options)
        if not was_silent and before.ear is not ear:
            mode_of(jam).replan(jam)  # the soloist had made room
        elif jam.session.state is State.COMMITTED:
            mode_of(jam).prepare(jam)
        return True

    def _sound_again(self, press: Press) -> None:
        """An ending on the downbeat just played, taken back within the time of a pair: the music never stopped."""
        jam = self.jam
        jam.drop_cues()
        for _, order, _, kind, payload in press.cues:
            jam.push(max(jam.timeline.ns(payload[0]), jam.now), order, kind, payload)
        jam.book = press.book.copy()
        jam.prepared = None
        jam.pending.clear()
        jam.arrived.clear()
        jam.phrase_known = -1


def _even(presses: list[int]) -> bool:
    """Whether presses are 0.2-2 s apart, each gap within 15 % of their mean."""
    gaps = [b - a for a, b in pairwise(presses)]
    mean = sum(gaps) / len(gaps)
    return TAP_MIN_NS <= mean <= TAP_MAX_NS and all(abs(g - mean) <= TAP_EVEN * mean for g in gaps)

"""From what the conductor shows to OSC messages as plain values: pure, so that a jam on file says the same."""

from __future__ import annotations

from dataclasses import dataclass

from sideman.jam.cues import (
    BeatCue,
    ControlSounds,
    NoteAhead,
    NoteSounds,
    PlanShown,
    Shown,
    StageCue,
    Status,
)

REPEAT_NS = 1_000_000_000
"""A receiver that comes late knows everything after this long."""
_SEQ_WRAP = 2**31

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message.

    Attributes:
        address: OSC address.
        args: Its arguments in the order of the schema.
        send_ns: When it leaves, monotonic nanoseconds.
        due_ns: The moment it speaks of; the same unless it is sent ahead.
        stamped: Whether it travels in a bundle whose time tag is the moment of sending.
        ofx: Whether it is one of ofxOscMidi's, for ``osc.ofx_targets`` alone.
    """

    address: str
    args: tuple[Value, ...]
    send_ns: int
    due_ns: int
    stamped: bool
    ofx: bool = False


class Encoder:
    """Turns shown items into messages; remembers what it said last so that it speaks on change only.

    Args:
        box: Name of this box in every ``/sideman`` message.
    """

    def __init__(self, box: str = "sideman") -> None:
        self._box = box
        self._seq = 0
        self._status: Status | None = None
        self._said: dict[str, tuple[int, tuple[Value, ...]]] = {}

    def encode(self, item: Shown, now_ns: int) -> list[Outgoing]:
        """Messages for one item, those to be sent later included (``send_ns`` > now)."""
        if isinstance(item, Status):
            return self._of_status(item, now_ns)
        if isinstance(item, NoteAhead):
            args = (item.part, item.channel + 1, item.pitch, item.velocity, _due(item.due_ns, now_ns))
            return [self._ours("note", (*args, item.duration_ns / 1e9), now_ns, item.due_ns)]
        if isinstance(item, NoteSounds):
            return _ofx_form("noteOn", item.channel, item.pitch, item.velocity, now_ns)
        if isinstance(item, ControlSounds):
            return _ofx_form("controlChange", item.channel, item.number, item.value, now_ns)
        if isinstance(item, BeatCue):
            return self._of_beat(item, now_ns)
        if isinstance(item, StageCue):
            own = self._ours("cue", (item.name, _due(item.due_ns, now_ns), float(item.beats)), now_ns, item.due_ns)
            return [own, Outgoing("/jam/cue", (item.name, float(item.beats)), now_ns, item.due_ns, stamped=False)]
        return self._of_plan(item, now_ns)

    def _of_status(self, status: Status, now_ns: int) -> list[Outgoing]:
        before, self._status = self._status, status
        sent: list[Outgoing] = []
        hold_switch, hold = status.hold or ("", 0.0)
        item, value = status.menu or ("", "")
        state: tuple[Value, ...] = (
            *(status.state, status.ear, status.band, status.mode, status.shown, status.detail, status.turn),
            *(status.bars_left, float(status.countdown), float(status.countdown_of), status.notice),
            *(*status.bottom, *status.leds, hold_switch, float(hold), item, value, status.page),
        )
        faults, rules = "; ".join(status.faults), ", ".join(status.rules)
        health: tuple[Value, ...] = (status.instrument, status.output, status.level, faults, rules)
        quarter = status.quarter_ns / 1e9
        time_head = (float(status.bpm or 0), float(status.confidence), quarter, status.meter, status.beats_per_bar)
        place = (status.bar, status.beat)
        moving = (float(status.beat_phase), (now_ns - status.ns) / 1e9)
        tail = (status.bars, status.key)
        for name, args, compared in (
            ("state", state, state),
            ("time", (*time_head, *place, *moving, *tail), (*time_head, *place, *tail)),
            ("health", health, health),
        ):
            if self._is_news(name, compared, now_ns):
                sent.append(self._ours(name, args, now_ns, now_ns))
        if before is None or before.state != status.state:
            sent.append(Outgoing("/jam/state", (status.state.lower(),), now_ns, now_ns, stamped=False))
        return sent

    def _of_beat(self, item: BeatCue, now_ns: int) -> list[Outgoing]:
        beats = self._status.beats_per_bar if self._status else 0
        args = (item.bar, item.beat, beats, _due(item.due_ns, now_ns), self._quarter_s())
        plain = Outgoing("/jam/beat", (item.bar, item.beat), max(now_ns, item.due_ns), item.due_ns, stamped=False)
        return [self._ours("beat", args, now_ns, item.due_ns), plain]

    def _of_plan(self, item: PlanShown, now_ns: int) -> list[Outgoing]:
        args: list[Value] = [item.frame, self._quarter_s() / 4, float(item.sure), int(item.unsure)]
        args += [item.commit_beats, int(item.just_in_time), float(item.stability)]
        for onset, length, label, committed, confidence in item.chords:
            args += [onset, length, label, int(committed), float(confidence)]
        labels = tuple(label for _, _, label, _, _ in item.chords)
        plain = Outgoing("/jam/plan", labels, now_ns, now_ns, stamped=False)
        return [self._ours("plan", tuple(args), now_ns, now_ns), plain]

    def _ours(self, name: str, args: tuple[Value, ...], now_ns: int, due_ns: int) -> Outgoing:
        self._seq = (self._seq + 1) % _SEQ_WRAP
        return Outgoing(f"/sideman/{name}", (self._box, self._seq, *args), now_ns, due_ns, stamped=True)

    def _is_news(self, name: str, args: tuple[Value, ...], now_ns: int) -> bool:
        said = self._said.get(name)
        if said is not None and said[1] == args and now_ns - said[0] < REPEAT_NS:
            return False
        self._said[name] = (now_ns, args)
        return True

    def _quarter_s(self) -> float:
        return self._status.quarter_ns / 1e9 if self._status else 0.0


def _due(due_ns: int, now_ns: int) -> float:
    return (due_ns - now_ns) / 1e9


def _ofx_form(kind: str, channel: int, number: int, value: int, now_ns: int) -> list[Outgoing]:
    args = (value / 127, value)
    return [Outgoing(f"/{kind}/{channel + 1}/{number}", args, now_ns, now_ns, stamped=False, ofx=True)]

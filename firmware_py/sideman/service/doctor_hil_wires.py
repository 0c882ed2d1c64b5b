"""What is joined to what on the header, measured line by line, and what that says of each jumper wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from sideman.service.doctor_finding import Finding
from sideman.service.pin_table import GROUNDS, HEADER, SUPPLY, Jumper, where

Rail = Literal["ground", "3.3 V"]


class Lines(Protocol):
    """Lines that can be pulled, driven and read; a line that is not driven only listens."""

    def pull(self, line: int, up: bool) -> None:
        """Let a line listen, with its weak pull up or down."""

    def drive(self, line: int, high: bool) -> None:
        """Put a level out."""

    def read(self, line: int) -> bool:
        """Whether the line is high."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found on the header.

    Attributes:
        stuck: Lines that hold one level whatever the pulls do, with the rail they must lie on.
        joined: For each other line, the lines that one of the two moved by driving.
        weak: Lines that follow another one and do not move it: their output has no strength.
    """

    stuck: dict[int, Rail]
    joined: dict[int, frozenset[int]]
    weak: frozenset[int]


def measure(lines: Lines, driven: Iterable[int], heard: Iterable[int], settle: Callable[[], None]) -> Measured:
    """Find the nets of the header.

    One line at a time puts out a level, the one that the pulls of all others speak against; a line that lies on a
    rail never does, so no output works against a rail or another output.

    Args:
        lines: The header.
        driven: Lines that may put out a level.
        heard: Further lines that only listen: a wire may have landed there.
        settle: Called between a change and the reading.
    """
    outputs = tuple(driven)
    everybody = (*outputs, *heard)
    stuck: dict[int, Rail] = {}
    rails: tuple[tuple[bool, Rail], ...] = ((True, "ground"), (False, "3.3 V"))
    for up, rail in rails:
        _listen(lines, everybody, up)
        settle()
        stuck |= {line: rail for line in everybody if lines.read(line) != up}
    free = [line for line in everybody if line not in stuck]
    moves: dict[int, set[int]] = {line: set(free) - {line} for line in outputs if line in free}
    for line, moved in moves.items():
        for up in (True, False):
            _listen(lines, everybody, up)
            lines.drive(line, not up)
            settle()
            moved &= {other for other in moved if lines.read(other) != up}
            lines.pull(line, up)
    joined = {line: {other for other in free if line in moves.get(other, ())} | moves.get(line, set()) for line in free}
    nets = _spread(joined)
    weak = {line for line, moved in moves.items() if joined[line] - moved}
    return Measured(stuck, nets, frozenset(weak))


def judge(wires: Iterable[Jumper], found: Measured) -> list[Finding]:
    """One finding for each wire, in their order."""
    every = tuple(wires)
    return [_judge(wire, every, found) for wire in every]


def _judge(wire: Jumper, every: tuple[Jumper, ...], found: Measured) -> Finding:
    name = f"wire {wire.name}"
    ends = f"{where(wire.near)} to {where(wire.far)}"
    rails = [found.stuck.get(end) for end in (wire.near, wire.far)]
    if any(rails):
        return Finding(name, "bad", *_on_rail(wire, rails))
    net = found.joined[wire.near]
    if wire.far not in net:
        return Finding(name, "bad", *_elsewhere(wire, every, found))
    others = sorted(net - {wire.near, wire.far})
    if others:
        touched = ", ".join(where(line) for line in others)
        return Finding(
            name, "bad", f"touches {touched}", f"part the wires there: it runs from {ends} and to nothing else"
        )
    for end in (wire.near, wire.far):
        if end in found.weak:
            return Finding(
                name,
                "bad",
                f"{where(end)} reads, but puts nothing out",
                "another program holds the line: stop it; or the output is dead: change the board",
            )
    return Finding(name, "ok", ends)


def _on_rail(wire: Jumper, rails: list[Rail | None]) -> tuple[str, str]:
    rail = next(each for each in rails if each)
    ends = (wire.near, wire.far)
    on = [end for end, each in zip(ends, rails, strict=True) if each]
    if len(on) == len(ends):
        return (
            f"lies on {rail}: {where(wire.near)} and {where(wire.far)} cannot be moved",
            f"look for a bare spot, or an end that also touches {_rail_pins(rail, ends)}",
        )
    (end,), (lost,) = on, [each for each in ends if each not in on]
    return (
        f"{where(end)} lies on {rail}, {where(lost)} hangs free",
        f"move the wire's other end from {_rail_pins(rail, (lost,))} to pin {HEADER[lost]}",
    )


def _elsewhere(wire: Jumper, every: tuple[Jumper, ...], found: Measured) -> tuple[str, str]:
    near, far = found.joined[wire.near] - {wire.near}, found.joined[wire.far] - {wire.far}
    for other in every:
        if other.far in near and other.near in far:
            return (
                f"swapped with wire {other.name}: {where(wire.near)} is joined to {where(other.far)}",
                f"change the ends on pins {HEADER[wire.far]} and {HEADER[other.far]} for each other",
            )
    if near:
        landed = sorted(near)
        return (
            f"{where(wire.near)} is joined to {', '.join(where(line) for line in landed)}",
            f"move the end from pin {HEADER[landed[0]]} to pin {HEADER[wire.far]}",
        )
    if far:
        landed = sorted(far)
        return (
            f"{where(wire.far)} is joined to {', '.join(where(line) for line in landed)}",
            f"move the end from pin {HEADER[landed[0]]} to pin {HEADER[wire.near]}",
        )
    return (
        f"open: {where(wire.near)} and {where(wire.far)} do not see each other",
        f"put a wire from pin {HEADER[wire.near]} to pin {HEADER[wire.far]}; if there is one, it is broken or loose",
    )


def _rail_pins(rail: Rail, near: Iterable[int]) -> str:
    """The rail's pins of the header that lie closest to some lines, as words."""
    pins = GROUNDS if rail == "ground" else [pin for pin, volts in SUPPLY.items() if volts == rail]
    close = {min(pins, key=lambda pin, at=HEADER[line]: (_distance(pin, at), pin)) for line in near}
    return " or ".join(f"pin {pin} ({rail})" for pin in sorted(close))


def _distance(one: int, other: int) -> int:
    """Steps between two pins of the header's two columns."""
    return max(abs((one - 1) // 2 - (other - 1) // 2), (one - other) % 2)


def _listen(lines: Lines, everybody: Iterable[int], up: bool) -> None:
    for line in everybody:
        lines.pull(line, up)


def _spread(joined: dict[int, set[int]]) -> dict[int, frozenset[int]]:
    nets: dict[int, frozenset[int]] = {}
    for start in joined:
        net, edge = {start}, [start]
        while edge:
            fresh = joined[edge.pop()] - net
            net |= fresh
            edge += fresh
        nets[start] = frozenset(net)
    return nets

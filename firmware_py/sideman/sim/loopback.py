"""A header with jumper wires and without a board: gpiozero's mock pins, joined by nets that may be wired wrongly."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

GROUND, HIGH = "ground", "3.3 V"
Node = int | str
"""A GPIO line (BCM number), or a rail by its name."""


class Nets:
    """Which nodes are one piece of metal.

    Args:
        wires: Pairs of nodes that a wire joins.
    """

    def __init__(self, wires: Iterable[tuple[Node, Node]]) -> None:
        self._nets: list[set[Node]] = []
        for one, other in wires:
            touched = [net for net in self._nets if net & {one, other}]
            self._nets = [net for net in self._nets if net not in touched] + [{one, other}.union(*touched)]

    def net(self, node: Node) -> frozenset[Node]:
        """Everything that is joined to a node, itself included."""
        return frozenset(next((net for net in self._nets if node in net), {node}))


class Loopback:
    """A pin factory whose lines are joined by wires.

    ``harm`` lists every output that drove against a rail or against another output: a real board would suffer.

    Args:
        wires: Pairs of lines or rails that a wire joins.
        dead: Lines whose output has no strength.
        busy: Lines that another program holds.
    """

    def __init__(
        self, wires: Iterable[tuple[Node, Node]], *, dead: Collection[int] = (), busy: Collection[int] = ()
    ) -> None:
        from gpiozero.pins.mock import MockFactory  # noqa: PLC0415 - optional at run time

        self.nets = Nets(wires)
        self.dead, self.busy = frozenset(dead), frozenset(busy)
        self.harm: list[str] = []
        self._pins: dict[int, Any] = {}
        self.factory: Any = MockFactory(pin_class=_pin_class(self))

    def level(self, line: int) -> bool:
        """What a line reads: a rail wins over an output, an output over the pulls."""
        net = self.nets.net(line)
        pins = [self._pins[node] for node in net if isinstance(node, int) and node in self._pins]
        driven = {pin.put_out for pin in pins if pin.function == "output" and pin.line not in self.dead}
        if GROUND in net or HIGH in net:
            if driven - {HIGH in net and GROUND not in net}:
                self.harm.append(f"GPIO {line}: an output works against a rail")
            return GROUND not in net
        if len(driven) > 1:
            self.harm.append(f"GPIO {line}: two outputs work against each other")
        if driven:
            return bool(min(driven))
        pulls = {pin.pull for pin in pins}
        return "up" in pulls and "down" not in pulls

    def joined(self, pin: Any, line: int) -> None:
        """A line came into use.

        Raises:
            OSError: Another program holds it.
        """
        if line in self.busy:
            raise OSError("GPIO busy")
        self._pins[line] = pin


def _pin_class(board: Loopback) -> Any:
    from gpiozero.pins.mock import MockPin  # noqa: PLC0415 - optional at run time

    class WiredPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
        """A mock pin that reads what its net holds."""

        def __init__(self, factory: Any, info: Any) -> None:
            super().__init__(factory, info)
            self.line = int(info.name.removeprefix("GPIO"))
            board.joined(self, self.line)

        @property
        def put_out(self) -> bool:
            """The level that an output puts out, whatever its net makes of it."""
            return bool(self._state)

        def _get_state(self) -> int:
            return int(board.level(self.line))

    return WiredPin

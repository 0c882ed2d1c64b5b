"""Footswitches on GPIO lines by gpiozero, with our own debouncing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from sideman.edges.debounce import WINDOW_NS
from sideman.edges.switchboard import STUCK_NS, Switchboard
from sideman.jam.events import Event, Fault, Switch


class Footswitches:
    """Reads the wired switches. A line that cannot be had is a fault of its own; the others work.

    gpiozero's ``bounce_time`` stays off: it drops edges (issues 550, 1039). Its callback runs on the pin library's
    thread, is stamped at once and does nothing but pass the contact on.

    Args:
        post: The conductor's entrance.
        lines: BCM number of each switch's line; negative = not wired.
        factory: gpiozero pin factory; None for the machine's own (lgpio on the box).
        active_low: Switches close to ground, pull-ups on; else to 3.3 V, pull-downs on.
        window_ns: How long a contact may bounce.
        stuck_ns: Held this long, a switch is reported as stuck.
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        lines: Mapping[Switch, int],
        *,
        factory: Any = None,
        active_low: bool = True,
        window_ns: int = WINDOW_NS,
        stuck_ns: int = STUCK_NS,
    ) -> None:
        self._buttons: dict[Switch, Any] = {}
        try:
            import gpiozero  # noqa: PLC0415 - a machine without pins need not have it
        except ImportError as error:
            post(Fault(time.monotonic_ns(), "pins", f"No footswitches on pins: gpiozero does not load ({error})."))
            lines, gpiozero = {}, None
        for switch, line in lines.items():
            if line < 0:
                continue
            try:
                self._buttons[switch] = gpiozero.Button(line, pull_up=active_low, bounce_time=None, pin_factory=factory)
            except Exception as error:  # noqa: BLE001 - pin libraries raise whatever they like
                post(Fault(time.monotonic_ns(), switch, f"{switch} cannot be read on GPIO {line}: {error}."))
        down = frozenset(switch for switch, button in self._buttons.items() if button.is_pressed)
        self.board = Switchboard(post, tuple(self._buttons), window_ns=window_ns, stuck_ns=stuck_ns, down=down)
        for switch, button in self._buttons.items():
            button.when_pressed = self._contact(switch, down=True)
            button.when_released = self._contact(switch, down=False)

    @property
    def switches(self) -> tuple[Switch, ...]:
        """Switches that are wired and could be had."""
        return tuple(self._buttons)

    def start(self) -> None:
        """Begin to watch for settled levels and stuck switches."""
        self.board.start()

    def close(self) -> None:
        """Give the lines back."""
        for button in self._buttons.values():
            button.close()
        self.board.close()

    def _contact(self, switch: Switch, *, down: bool) -> Callable[[], None]:
        def changed() -> None:
            self.board.contact(switch, down, time.monotonic_ns())

        return changed

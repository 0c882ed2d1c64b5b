"""The panel without a box behind it: ``python -m sideman.sim.panel_try``; keys are shown as the events they post."""

from __future__ import annotations

import threading
from time import monotonic_ns

from sideman.edges.front import FrontOptions, FrontProcess
from sideman.jam.cues import Status
from sideman.jam.events import Event, Shutdown
from sideman.sim.panel_keys import Keyboard


def main() -> int:
    """Show the last event until q."""
    front = FrontProcess(FrontOptions(oled=None, osc=None, panel=True))
    ended = threading.Event()

    def post(event: Event) -> None:
        front.show(
            Status(
                monotonic_ns(),
                "IDLE",
                "off",
                "none",
                "trade",
                "READY",
                detail=type(event).__name__,
                leds=("off", "off", "slow"),
                bottom=("ARM", "INFO", "-"),
                notice=str(getattr(event, "switch", "")),
            )
        )
        if isinstance(event, Shutdown):
            ended.set()

    front.start()
    keyboard = Keyboard(post)
    keyboard.start()
    front.show(Status(monotonic_ns(), "IDLE", "off", "none", "trade", "READY", leds=("off", "off", "slow")))
    try:
        ended.wait()
    finally:
        keyboard.close()
        front.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

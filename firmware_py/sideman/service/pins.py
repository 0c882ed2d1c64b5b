"""The machine's pin library, asked for once: one sentence when it cannot be had instead of one for every line."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

from sideman.service.settings import Settings


def pins_wanted(settings: Settings, devices: Path = Path("/dev")) -> bool:
    """Whether switches and LEDs on GPIO lines are to be used: switched on, and this machine has such lines at all.

    ``GPIOZERO_PIN_FACTORY`` asks for them wherever it is set, as it does for gpiozero.
    """
    return settings.pins.on and ("GPIOZERO_PIN_FACTORY" in os.environ or any(devices.glob("gpiochip*")))


def pin_factory() -> tuple[Any, str]:
    """The factory that all switches and LEDs share, or None; and one sentence when not all is well, else empty."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gpiozero warns of each library it lacks; the sentence below says it once
        try:
            import gpiozero  # noqa: PLC0415 - a machine without pins need not have it
        except ImportError as error:
            return None, f"No pins: gpiozero does not load ({error})."
        try:
            gpiozero.Device.ensure_pin_factory()
        except Exception as error:  # noqa: BLE001 - pin libraries raise whatever they like
            return None, f"No pins: no library for them works here ({error}); install lgpio, run sideman doctor."
    factory = gpiozero.Device.pin_factory
    name = type(factory).__name__
    if name == "NativeFactory":
        return factory, "Pins without lgpio are slow and cannot dim LEDs: install lgpio."
    return factory, ""

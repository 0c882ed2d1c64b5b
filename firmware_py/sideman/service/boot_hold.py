"""Switches held at power-on: PLAY alone asks for safe settings, STOP with PLAY for ten seconds for the factory's.

Held means: closed before the box could look for the first time after the power came. A start that follows a crash is no
power-on. Whatever switch is closed at the start is a stuck one only later (``pedal.stuck_s``, 15 s).
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from enum import Enum
from pathlib import Path
from typing import Any

from sideman.service.pins import pin_factory, pins_wanted
from sideman.service.settings import Settings
from sideman.service.state import state_folder

log = logging.getLogger(__name__)

COUNTDOWN_S = 10
STEP_S = 0.05
SAFE_SENTENCE = "Safe settings, this once: PLAY was held at power-on."
RESET_SENTENCE = "Factory settings: STOP and PLAY were held at power-on."
WANTED = "reset-wanted"
"""File in the state folder that asks the system to put the settings file on the card aside."""


class Hold(Enum):
    """What the switches ask for."""

    NOTHING = "nothing"
    SAFE = "safe"
    RESET = "reset"


def power_on(folder: str | None = None) -> bool:
    """Whether this is the first start since the power came; true once. Only where the service has a folder in /run.

    Args:
        folder: A folder that is empty after power-on; None = ``$RUNTIME_DIRECTORY``.
    """
    where = folder if folder is not None else os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    if not where:
        return False
    try:
        os.close(os.open(Path(where) / "started", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return False
    return True


def watch(
    down: Callable[[], frozenset[str]],
    show: Callable[[str], None],
    wait: Callable[[float], None] = time.sleep,
) -> Hold:
    """Look at the switches and count down while both stay closed; returns at once when none is.

    Args:
        down: Names of the switches that are closed now.
        show: Shows one line; never raises.
        wait: Waits for seconds.
    """
    held = down()
    if held:
        wait(STEP_S)  # a contact that only bounced is not held
        held &= down()
    if held == {"PLAY"}:
        return Hold.SAFE
    if held != {"STOP", "PLAY"}:
        return Hold.NOTHING
    steps = round(COUNTDOWN_S / STEP_S)
    each = round(1 / STEP_S)
    for step in range(steps):
        if step % each == 0:
            show(f"RESET IN {COUNTDOWN_S - step // each}")
        wait(STEP_S)
        if down() != {"STOP", "PLAY"}:
            show("NO RESET")
            return Hold.NOTHING
    show("RESET")
    return Hold.RESET


def obeyed(settings: Settings, hold: Hold) -> tuple[Settings, str]:
    """The settings that hold now, and the sentence to show.

    How the box is wired stays: without its pins and its display it could not be told anything.
    """
    plain = replace(Settings(), pins=settings.pins, oled=settings.oled)
    if hold is Hold.SAFE:
        return plain, SAFE_SENTENCE
    if hold is Hold.RESET:
        forget(state_folder())
        return plain, RESET_SENTENCE
    return settings, ""


def forget(folder: Path) -> None:
    """Forget the phrase and the menu's choices, and ask the system to put the settings file aside. Takes stay."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "state.json").unlink(missing_ok=True)
        (folder / WANTED).touch()
    except OSError as error:
        log.warning("factory settings, but not all could be forgotten: %s", error)


def held(settings: Settings) -> Hold:
    """Look at the box's own switches; nothing where there are none. The lines and the display are free again after."""
    if not pins_wanted(settings):
        return Hold.NOTHING
    factory, _said = pin_factory()
    if factory is None:
        return Hold.NOTHING
    lines = {"PLAY": settings.pins.play, "STOP": settings.pins.stop}
    with contextlib.ExitStack() as stack:
        buttons = {name: _button(stack, line, settings, factory) for name, line in lines.items()}

        def down() -> frozenset[str]:
            return frozenset(name for name, button in buttons.items() if button is not None and button.is_pressed)

        if not down():
            return Hold.NOTHING
        display = _Display(settings)
        stack.callback(display.close)
        return watch(down, display)


def _button(stack: contextlib.ExitStack, line: int, settings: Settings, factory: Any) -> Any:
    if line < 0:
        return None
    import gpiozero  # noqa: PLC0415 - it is there when a factory is

    try:
        button = gpiozero.Button(line, pull_up=settings.pins.active_low, bounce_time=None, pin_factory=factory)
    except Exception:  # noqa: BLE001 - pin libraries raise whatever they like; the box tells of it when it starts
        return None
    stack.callback(button.close)
    return button


class _Display:
    """One line of text on the display, if there is one; opened only when there is something to show."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._device: Any = None

    def __call__(self, text: str) -> None:
        log.warning("%s", text)
        if not self._settings.oled.on:
            return
        with contextlib.suppress(Exception):  # no bus, no display, no library: the countdown goes on
            from PIL import Image, ImageDraw  # noqa: PLC0415 - only for who holds switches

            from sideman.edges.oled import OledOptions, open_display  # noqa: PLC0415 - the same

            if self._device is None:
                self._device = open_display(OledOptions(**asdict(self._settings.oled)))
            image = Image.new("1", self._device.size)
            ImageDraw.Draw(image).text((4, 20), text, fill=255, font_size=20)
            self._device.display(image)

    def close(self) -> None:
        """Let go of the bus; the picture stays until the box draws its own."""
        if self._device is not None:
            with contextlib.suppress(Exception):
                self._device.cleanup()

"""The doctor's look at the program: Python, packages, models, rights, disk."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import struct
import sys
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sideman.service.doctor_finding import Finding
from sideman.service.realtime import ask_for_fifo
from sideman.service.settings import Settings
from sideman.service.state import state_folder

_NEEDED = {"mido": "mido", "numpy": "numpy", "PIL": "pillow"}
_USED = {
    "rtmidi": ("python-rtmidi", "MIDI ports"),
    "pythonosc": ("python-osc", "OSC"),
    "luma": ("luma.oled", "the display"),
    "gpiozero": ("gpiozero", "switches and LEDs"),
}
_FREE_MB = 50
FAMILIES = ("chords", "drums", "melody")


def python(settings: Settings) -> list[Finding]:
    """Version and word size of the interpreter."""
    del settings
    said = f"Python {platform.python_version()} on {platform.machine()}, {platform.system()} {platform.release()}"
    if struct.calcsize("P") != 8:
        return [Finding("python", "bad", f"{said}, 32 bit", "use a 64-bit system: there is no interpreter for 32 bit")]
    return [Finding("python", "ok", said)]


def packages(settings: Settings) -> list[Finding]:
    """Packages that are there, and what is lost with those that are not."""
    del settings
    lost = [dist for module, dist in _NEEDED.items() if importlib.util.find_spec(module) is None]
    found = [
        Finding("packages", "bad", f"missing: {', '.join(lost)}", f"pip install {' '.join(lost)}")
        if lost
        else Finding("packages", "ok", ", ".join(f"{d} {_version(d)}" for d in _NEEDED.values()))
    ]
    for module, (dist, use) in _USED.items():
        if importlib.util.find_spec(module) is None:
            found.append(Finding("packages", "note", f"{dist} is missing: no {use}", f"pip install {dist}"))
    return found


def models(settings: Settings) -> list[Finding]:
    """The interpreter, and every family loaded and compared with its golden outputs."""
    from sideman.models.library import ModelUnusableError, load  # noqa: PLC0415 - needs numpy, which may be missing
    from sideman.models.runtime import installed_backends  # noqa: PLC0415 - as above

    backends = installed_backends()
    advice = "pip install " + ("tflite-runtime" if sys.version_info < (3, 12) else "ai-edge-litert")
    if not backends:
        return [Finding("models", "note", "no TFLite interpreter: everybody plays by the rules", advice)]
    folder = Path(settings.band.models_folder) if settings.band.models_folder else None
    found = []
    for family in FAMILIES:
        try:
            graph = load(family, folder)
        except ModelUnusableError as error:
            found.append(Finding(f"model {family}", "note", f"{error}", "until then the musician plays by the rules"))
        else:
            found.append(Finding(f"model {family}", "ok", f"plays on {graph.backend}, golden outputs agree"))
    return found


def realtime(settings: Settings) -> list[Finding]:
    """Whether the clock may have SCHED_FIFO, tried on a thread of its own."""
    said: list[str] = []
    trial = threading.Thread(target=lambda: said.append(ask_for_fifo(settings.service.realtime_priority)))
    trial.start()
    trial.join()
    if not said[0]:
        return [Finding("realtime", "ok", f"SCHED_FIFO {settings.service.realtime_priority} is granted")]
    under = "the systemd unit grants it; for a user of your own: a line '@audio - rtprio 95' in /etc/security/limits.d"
    return [Finding("realtime", "note", said[0].partition(":")[0], under)]


def disk(settings: Settings) -> list[Finding]:
    """Room and rights where takes and memory are kept."""
    state = state_folder()
    takes = Path(settings.takes.folder) if settings.takes.folder else state / "takes"
    found = []
    for name, folder in {"state": state, "takes": takes}.items():
        there = next(each for each in (folder, *folder.parents) if each.exists())
        free = shutil.disk_usage(there).free / 1e6
        if not os.access(there, os.W_OK):
            found.append(
                Finding(
                    name, "note", f"{folder} cannot be written: nothing is kept", f"give this user rights on {there}"
                )
            )
        elif free < _FREE_MB:
            found.append(Finding(name, "note", f"{free:.0f} MB free on {there}", "make room, or set takes.max_mb"))
        else:
            found.append(Finding(name, "ok", f"{folder}, {free:.0f} MB free"))
    return found


def _version(dist: str) -> str:
    try:
        return version(dist)
    except PackageNotFoundError:
        return "(version unknown)"

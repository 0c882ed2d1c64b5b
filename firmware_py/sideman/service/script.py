"""Scripted jams: presses and settings at bars or seconds of a performance, from a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sideman.jam.events import SWITCHES, Switch


class ScriptError(ValueError):
    """A script that cannot be played; the message names file, place and what is allowed."""


@dataclass(frozen=True, slots=True)
class ScriptPress:
    """One press: switch, moment in seconds or as bar.beat, and how long it is held."""

    switch: Switch
    at: str
    at_s: float | None
    hold_s: float


@dataclass(frozen=True, slots=True)
class ScriptSet:
    """One change of a setting."""

    at: str
    at_s: float | None
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class ScriptFault:
    """Something that breaks on purpose: ``unplug``, ``plug`` or ``kill_band``."""

    at: str
    at_s: float | None
    what: str


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script. ``tracks`` empty = all tracks of the performance."""

    tracks: tuple[str, ...] = ()
    start_s: float = 1.0
    settings: tuple[tuple[str, Any], ...] = ()
    presses: tuple[ScriptPress, ...] = ()
    sets: tuple[ScriptSet, ...] = ()
    faults: tuple[ScriptFault, ...] = ()
    end: str = ""
    end_s: float | None = None


_TOP = ("player", "settings", "press", "set", "fault", "end")
FAULTS = ("unplug", "plug", "kill_band")


def read_script(path: Path) -> Script:
    """Read a script.

    Raises:
        ScriptError: The file is not a script; the sentence says where and what is allowed.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: {error}") from error
    for key in data:
        if key not in _TOP:
            raise ScriptError(f"{path}: unknown table '{key}'; a script has {', '.join(_TOP)}")
    player = data.get("player", {})
    end = data.get("end", {})
    presses = tuple(_press(path, i, item) for i, item in enumerate(data.get("press", []), 1))
    sets = tuple(
        ScriptSet(*_moment(path, f"set {i}", item), str(item.get("key", "")), _plain(item.get("value", "")))
        for i, item in enumerate(data.get("set", []), 1)
    )
    faults = []
    for i, item in enumerate(data.get("fault", []), 1):
        if item.get("what") not in FAULTS:
            raise ScriptError(f"{path}: fault {i}: what = {item.get('what')!r}; allowed are {', '.join(FAULTS)}")
        faults.append(ScriptFault(*_moment(path, f"fault {i}", item), item["what"]))
    return Script(
        tuple(player.get("tracks", ())),
        float(player.get("start", 1.0)),
        tuple(_flat(data.get("settings", {}))),
        presses,
        sets,
        tuple(faults),
        str(end.get("at", "")),
        end.get("at_s"),
    )


def _press(path: Path, number: int, item: dict[str, Any]) -> ScriptPress:
    switch = item.get("switch")
    if switch not in SWITCHES:
        raise ScriptError(f"{path}: press {number}: switch = {switch!r}; allowed are {', '.join(SWITCHES)}")
    at, at_s = _moment(path, f"press {number}", item)
    return ScriptPress(switch, at, at_s, float(item.get("hold_s", 0.0)))


def _moment(path: Path, where: str, item: dict[str, Any]) -> tuple[str, float | None]:
    at, at_s = item.get("at"), item.get("at_s")
    if (at is None) == (at_s is None):
        raise ScriptError(f'{path}: {where}: give either at = "bar.beat" or at_s = seconds')
    return str(at or ""), None if at_s is None else float(at_s)


def _flat(table: dict[str, Any], head: str = "") -> list[tuple[str, Any]]:
    items: list[tuple[str, Any]] = []
    for key, value in table.items():
        name = f"{head}{key}"
        if isinstance(value, dict):
            items.extend(_flat(value, f"{name}."))
        else:
            items.append((name, value))
    return items


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

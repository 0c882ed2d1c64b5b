"""Scripted jams: presses and settings at bars or seconds of a performance, from a TOML file."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sideman.jam.events import SWITCHES, Switch
from sideman.service.settings_errors import nearest


class ScriptError(ValueError):
    """A script that cannot be played; one sentence names file, place, what was found and what is allowed."""

    def __init__(self, file: Path | str, place: str, found: str, allowed: str, like: str = "") -> None:
        where = f"{file}: {place}" if place else str(file)
        hint = f" (did you mean '{like}'?)" if like else ""
        super().__init__(f"{where}: found {found}; allowed: {allowed}{hint}")


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
    """A whole script. ``tracks`` empty = all tracks of the performance.

    Attributes:
        settings: Keys, dotted or as tables within tables, and values as TOML gives them.
        file: The script's name, for what is said about it.
    """

    tracks: tuple[str, ...] = ()
    start_s: float = 1.0
    settings: tuple[tuple[str, Any], ...] = ()
    presses: tuple[ScriptPress, ...] = ()
    sets: tuple[ScriptSet, ...] = ()
    faults: tuple[ScriptFault, ...] = ()
    end: str = ""
    end_s: float | None = None
    file: str = "script"


_MOMENT = ("at", "at_s")
_KEYS = {
    "player": ("tracks", "start"),
    "press": ("switch", *_MOMENT, "hold_s"),
    "set": (*_MOMENT, "key", "value"),
    "fault": (*_MOMENT, "what"),
    "end": _MOMENT,
}
_TOP = ("player", "settings", "press", "set", "fault", "end")
FAULTS = ("unplug", "plug", "kill_band")


def read_script(path: Path) -> Script:
    """Read a script.

    Raises:
        ScriptError: The file is not a script; the sentence says where and what is allowed.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScriptError(path, "", error.strerror or str(error), "a TOML file that can be read") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(path, "", f"'{error}'", "TOML") from error
    _known(path, "", data, _TOP, "the tables")
    player, settings = _table(path, data, "player"), _table(path, data, "settings")
    end, end_s = _moment(path, "[end]", _table(path, data, "end")) if "end" in data else ("", None)
    return Script(
        _tracks(path, player.get("tracks", [])),
        _number(path, "[player] start", player.get("start", 1.0)),
        tuple(settings.items()),
        tuple(_press(path, place, item) for place, item in _tables(path, data, "press")),
        tuple(_set(path, place, item) for place, item in _tables(path, data, "set")),
        tuple(_fault(path, place, item) for place, item in _tables(path, data, "fault")),
        end,
        end_s,
        str(path),
    )


def _known(path: Path, place: str, item: Iterable[str], known: Sequence[str], kind: str = "the keys") -> None:
    for key in item:
        if key not in known:
            raise ScriptError(path, place, f"'{key}'", f"{kind} {', '.join(known)}", nearest(key, known))


def _table(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    item = data.get(name, {})
    if not isinstance(item, dict):
        raise ScriptError(path, name, _shown(item), f"a table, [{name}]")
    if name in _KEYS:
        _known(path, f"[{name}]", item, _KEYS[name])
    return item


def _tables(path: Path, data: dict[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    items = data.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ScriptError(path, name, _shown(items), f"tables, each under its own [[{name}]]")
    places = [f"[[{name}]] {number}" for number in range(1, len(items) + 1)]
    for place, item in zip(places, items, strict=True):
        _known(path, place, item, _KEYS[name])
    return list(zip(places, items, strict=True))


def _tracks(path: Path, found: Any) -> tuple[str, ...]:
    names = [found] if isinstance(found, str) else found
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ScriptError(path, "[player] tracks", _shown(found), 'names of tracks, such as ["MELODY"]')
    return tuple(names)


def _press(path: Path, place: str, item: dict[str, Any]) -> ScriptPress:
    switch: Switch = _word(path, f"{place} switch", item.get("switch"), SWITCHES)
    at, at_s = _moment(path, place, item)
    return ScriptPress(switch, at, at_s, _number(path, f"{place} hold_s", item.get("hold_s", 0.0)))


def _set(path: Path, place: str, item: dict[str, Any]) -> ScriptSet:
    key, value = item.get("key"), item.get("value")
    if not isinstance(key, str):
        raise ScriptError(path, f"{place} key", _shown(key), 'a key of the settings, such as "tempo.bpm"')
    if not isinstance(value, bool | int | float | str):
        raise ScriptError(path, f"{place} value", _shown(value), "a number, true, false or a text")
    at, at_s = _moment(path, place, item)
    return ScriptSet(at, at_s, key, _plain(value))


def _fault(path: Path, place: str, item: dict[str, Any]) -> ScriptFault:
    what: str = _word(path, f"{place} what", item.get("what"), FAULTS)
    return ScriptFault(*_moment(path, place, item), what)


def _word(path: Path, place: str, found: Any, allowed: Sequence[str]) -> Any:
    if not isinstance(found, str) or found not in allowed:
        like = nearest(found.upper() if allowed is SWITCHES else found, allowed) if isinstance(found, str) else ""
        raise ScriptError(path, place, _shown(found), ", ".join(allowed), like)
    return found


def _moment(path: Path, place: str, item: dict[str, Any]) -> tuple[str, float | None]:
    if ("at" in item) == ("at_s" in item):
        found = "both at and at_s" if "at" in item else "neither at nor at_s"
        raise ScriptError(path, place, found, 'either at = "bar.beat" or at_s = seconds')
    if "at_s" in item:
        return "", _number(path, f"{place} at_s", item["at_s"])
    at = item["at"]
    if not isinstance(at, str) or not re.fullmatch(r"\s*0*[1-9]\d*(\.0*[1-9]\d*(\.\d+)?)?\s*", at):
        raise ScriptError(path, f"{place} at", _shown(at), 'a text with bar and beat, both from 1, such as "3.1"')
    return at, None


def _number(path: Path, place: str, found: Any) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < math.inf:
        raise ScriptError(path, place, _shown(found), "a number of seconds, 0 or more")
    return float(found)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _plain(value)
    return "nothing" if value is None else repr(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

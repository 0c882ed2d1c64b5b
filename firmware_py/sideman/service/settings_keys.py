"""One key of the settings: its default, unit and limits beside the field, and reading a value against them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field
from typing import Any

from sideman.service.settings_errors import SettingsError

_TRUE = frozenset({"true", "on", "yes", "1"})
_FALSE = frozenset({"false", "off", "no", "0"})


@dataclass(frozen=True, slots=True)
class Key:
    """What is known about one key.

    Attributes:
        name: Dotted name, ``tempo.bpm``.
        kind: ``bool``, ``int``, ``float``, ``str``, ``list`` (of strings), ``table`` (string to string) or ``maps``.
        default: Value when the file does not say.
        doc: One sentence for the player.
        unit: ``beats``, ``ms`` ... or empty.
        low, high: Limits of a number, both included, or None.
        choices: The words allowed, empty when any text is.
        step: What one press in the foot menu changes a number by.
        words: What is allowed, where kind, limits and choices do not say it.
        check: Reads the value further: returns it (made canonical) or raises ValueError with what is allowed.
    """

    name: str
    kind: str
    default: Any
    doc: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    step: float = 1
    words: str = ""
    check: Callable[[Any], Any] | None = None

    @property
    def allowed(self) -> str:
        """What may stand here, in words."""
        unit = f" {self.unit}" if self.unit else ""
        if self.words:
            return self.words
        if self.choices:
            return " or ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        if self.kind in {"int", "float"}:
            number = "a whole number" if self.kind == "int" else "a number"
            if self.low is None:
                return number + unit
            return f"{number} from {self.low} to {self.high}{unit}"
        return {"str": "text", "list": "a list of texts", "table": "a table of texts"}.get(
            self.kind, "tables with kind, number, channel and effect"
        )

    def read(self, found: Any) -> Any:
        """Check a value as TOML gives it and return it as the field holds it.

        Raises:
            SettingsError: It has the wrong type or lies outside the limits.
        """
        value = self._typed(found)
        if self.choices and value not in self.choices:
            raise self._error(found)
        if isinstance(value, int | float) and self.low is not None and not self.low <= value <= (self.high or 0):
            raise self._error(found)
        if self.check is not None:
            try:
                return self.check(value)
            except ValueError as error:
                raise SettingsError(self.name, repr(found), str(error)) from None
        return value

    def parse(self, text: str) -> Any:
        """Read a value from text as it stands in the file, or as a person types it (``on``, ``96``, ``7/8 2+2+3``).

        Raises:
            SettingsError: It is not allowed here.
        """
        bare = text.strip()
        if self.kind == "bool" and bare.lower() in _TRUE | _FALSE:
            return self.read(bare.lower() in _TRUE)
        try:
            found = tomllib.loads(f"v = {bare}\n")["v"]
        except tomllib.TOMLDecodeError:
            found = bare
        if self.kind == "str" and not isinstance(found, str):
            found = bare
        return self.read(found)

    def text(self, value: Any) -> str:
        """The value as it stands in the file."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return repr(value)
        if isinstance(value, str):
            return quoted(value)
        if self.kind == "table":
            return "{" + ", ".join(f"{quoted(k)} = {quoted(v)}" for k, v in value) + "}"
        if self.kind == "maps":
            return "[" + ", ".join(entry.text() for entry in value) + "]"
        return "[" + ", ".join(quoted(entry) for entry in value) + "]"

    def _typed(self, found: Any) -> Any:
        number = isinstance(found, int | float) and not isinstance(found, bool)
        if self.kind == "bool" and isinstance(found, bool):
            return found
        if self.kind == "int" and number and found == found // 1:
            return int(found)
        if self.kind == "float" and number and math.isfinite(found):
            return float(found)
        if self.kind == "str" and isinstance(found, str):
            return found
        if self.kind == "list" and isinstance(found, list) and all(isinstance(x, str) for x in found):
            return tuple(found)
        if self.kind == "table" and isinstance(found, dict) and all(isinstance(x, str) for x in found.values()):
            return tuple(found.items())
        if self.kind == "maps" and isinstance(found, list) and all(isinstance(x, dict) for x in found):
            return tuple(found)
        raise self._error(found)

    def _error(self, found: Any) -> SettingsError:
        return SettingsError(self.name, repr(found), self.allowed)


def quoted(text: str) -> str:
    """A TOML basic string."""
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(marks.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'


def setting(
    default: Any,
    doc: str,
    *,
    unit: str = "",
    limits: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    step: float = 1,
    kind: str = "",
    words: str = "",
    check: Callable[[Any], Any] | None = None,
) -> Any:
    """A dataclass field that carries what ``Key`` says about it.

    Args:
        default: Value when the file does not say; its type is the kind unless ``kind`` is given.
        doc: One sentence for the player.
        unit: Unit of a number.
        limits: Lowest and highest number allowed.
        choices: Words allowed.
        step: Step of the foot menu.
        kind: As in ``Key.kind``.
        words: As in ``Key.words``.
        check: As in ``Key.check``.

    Returns:
        A field for the body of a dataclass.
    """
    kind = kind or {bool: "bool", int: "int", float: "float", str: "str", tuple: "list"}[type(default)]
    low, high = limits or (None, None)
    meta = {"kind": kind, "doc": doc, "unit": unit, "low": low, "high": high}
    return field(default=default, metadata={**meta, "choices": choices, "step": step, "words": words, "check": check})


def key_of(section: str, described: Field[Any], default: Any = MISSING) -> Key:
    """The ``Key`` of a field made by ``setting``; ``default`` overrides that of the class (parts differ in theirs)."""
    value = described.default if default is MISSING else default
    return Key(f"{section}.{described.name}", default=value, **described.metadata)

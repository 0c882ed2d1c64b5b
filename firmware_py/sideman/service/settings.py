"""The settings: one TOML file, typed by section, every key with a default; a broken file never stops the box."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from sideman.jam.options import PRESETS
from sideman.service import settings_schema as schema
from sideman.service.settings_errors import SettingsError, nearest
from sideman.service.settings_keys import Key, key_of

DEFAULT_PATH = Path("/etc/sideman/settings.toml")
_PRESET = "chords.preset"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; attribute names are the file's: ``settings.tempo.bpm``."""

    jam: schema.Jam = field(default_factory=schema.Jam)
    tempo: schema.Tempo = field(default_factory=schema.Tempo)
    click: schema.Click = field(default_factory=schema.Click)
    follow: schema.Follow = field(default_factory=schema.Follow)
    chords: schema.Chords = field(default_factory=schema.Chords)
    display: schema.Display = field(default_factory=schema.Display)
    listen: schema.Listen = field(default_factory=schema.Listen)
    parts: schema.Parts = field(default_factory=schema.Parts)
    levels: schema.Levels = field(default_factory=schema.Levels)
    midi: schema.Midi = field(default_factory=schema.Midi)
    synth: schema.Synth = field(default_factory=schema.Synth)
    pins: schema.Pins = field(default_factory=schema.Pins)
    pedal: schema.Pedal = field(default_factory=schema.Pedal)
    oled: schema.Oled = field(default_factory=schema.Oled)
    osc: schema.Osc = field(default_factory=schema.Osc)
    takes: schema.Takes = field(default_factory=schema.Takes)
    band: schema.Band = field(default_factory=schema.Band)
    service: schema.Service = field(default_factory=schema.Service)

    def value(self, name: str) -> Any:
        """The value of a dotted key.

        Raises:
            SettingsError: There is no such key.
        """
        _known(name)
        found: Any = self
        for step in name.split("."):
            found = getattr(found, step)
        return found

    def text(self, name: str) -> str:
        """The value of a dotted key as it stands in the file (texts in quotes)."""
        return _known(name).text(self.value(name))

    def plain(self, name: str) -> str:
        """The value of a dotted key as a ``SettingChanged`` event carries it: as in the file, texts without quotes."""
        value = self.value(name)
        return value if isinstance(value, str) else self.text(name)

    def with_value(self, name: str, text: str) -> Settings:
        """A copy with one key changed, from text as in the file or as typed: ``with_value("tempo.bpm", "96")``.

        Raises:
            SettingsError: There is no such key, or the value is not allowed.
        """
        changed: Settings = _preset(_put(self, name.split("."), _known(name).parse(text)), name)
        lookahead = changed.follow.lookahead_beats
        if name == "follow.lookahead_beats" and changed.follow.commit_beats > lookahead:
            changed = _put(changed, ["follow", "commit_beats"], lookahead)
        _agree(changed, name)
        return changed

    def with_values(self, values: dict[str, Any]) -> Settings:
        """A copy with several keys changed at once, values as a TOML reader gives them (a script's ``[settings]``).

        Raises:
            SettingsError: A key does not exist, or a value is not allowed.
        """
        changed: Settings = self
        for name, found in sorted(_leaves(values), key=_preset_first):
            changed = _preset(_put(changed, name.split("."), _known(name).read(found)), name)
        _agree(changed, "")
        return changed

    def changed(self) -> dict[str, str]:
        """Keys whose value differs from the default, with their text as in the file."""
        plain = Settings()
        return {name: self.text(name) for name in keys() if self.value(name) != plain.value(name)}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A settings file as far as it could be used.

    Attributes:
        settings: The good keys of the file over the defaults.
        problems: What could not be used, in the file's order.
    """

    settings: Settings
    problems: tuple[SettingsError, ...] = ()

    @property
    def fault(self) -> str:
        """One sentence for a ``Fault`` event, empty when all is well."""
        if not self.problems:
            return ""
        more = f" (and {len(self.problems) - 1} more: sideman settings --check)" if len(self.problems) > 1 else ""
        return f"{self.problems[0]}{more}"


@cache
def keys() -> dict[str, Key]:
    """Every key of the settings by its dotted name, in the file's order."""
    found: dict[str, Key] = {}
    for section in fields(Settings):
        start = getattr(Settings(), section.name)
        for each in fields(start):
            inner = getattr(start, each.name)
            if isinstance(inner, schema.Part):
                for leaf in fields(inner):
                    one = key_of(f"{section.name}.{each.name}", leaf, getattr(inner, leaf.name))
                    found[one.name] = one
            else:
                one = key_of(section.name, each)
                found[one.name] = one
    return found


def load(path: Path | str | None = None) -> Settings:
    """Read the settings file strictly.

    Args:
        path: The file; None = ``/etc/sideman/settings.toml`` if it is there, else the defaults.

    Raises:
        SettingsError: The first thing that is wrong with it.
    """
    found = load_or_defaults(path)
    if found.problems:
        raise found.problems[0]
    return found.settings


def load_or_defaults(path: Path | str | None = None) -> Loaded:
    """Read the settings file as far as it goes: a bad key keeps its default, and the file is never touched."""
    file = DEFAULT_PATH if path is None else Path(path)
    if path is None and not file.exists():
        return Loaded(Settings())
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _unreadable(file, "no such file", "a TOML file: sideman settings --example prints one")
    except OSError as error:
        return _unreadable(file, error.strerror or str(error), "a file that this user may read")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return _unreadable(file, f"'{error}'", "TOML: sideman settings --example prints a complete file")
    return from_tree(tree, str(file))


def from_tree(tree: dict[str, Any], file: str = "settings") -> Loaded:
    """Settings from what a TOML reader gives, tables within tables."""
    settings, problems = Settings(), []
    leaves = _leaves(tree)
    chosen = [value for name, value in leaves if name == _PRESET]
    if (
        chosen and isinstance(chosen[-1], str) and chosen[-1] in PRESETS
    ):  # what it sets comes first: the file's own keys win over it
        settings = _preset(_put(settings, _PRESET.split("."), chosen[-1]), _PRESET)
    for name, found in leaves:
        try:
            settings = _put(settings, name.split("."), _known(name).read(found))
        except SettingsError as error:
            problems.append(error.in_file(file))
    try:
        _agree(settings, "")
    except SettingsError as error:
        problems.append(error.in_file(file))
        settings = _put(settings, error.key.split("."), keys()[error.key].default)
        if settings.follow.commit_beats > settings.follow.lookahead_beats:
            settings = _put(settings, ["follow", "commit_beats"], settings.follow.lookahead_beats)
    return Loaded(settings, tuple(problems))


def _unreadable(file: Path, found: str, allowed: str) -> Loaded:
    return Loaded(Settings(), (SettingsError("", found, allowed, file=str(file)),))


def _leaves(tree: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in tree.items():
        dotted = f"{above}.{name}" if above else name
        if isinstance(value, dict) and dotted not in keys() and (value or above == ""):
            found += _leaves(value, dotted)
        else:
            found.append((dotted, value))
    return found


def _known(name: str) -> Key:
    found = keys().get(name)
    if found is not None:
        return found
    inside = [known for known in keys() if known.startswith(name + ".")]
    if inside:
        raise SettingsError(name, "a value", f"a table with {', '.join(k.removeprefix(name + '.') for k in inside)}")
    raise SettingsError(name, "an unknown key", "the keys that 'sideman settings' lists", nearest=nearest(name, keys()))


def _preset_first(leaf: tuple[str, Any]) -> bool:
    return leaf[0] != _PRESET


def _preset(settings: Settings, name: str) -> Settings:
    """What a preset just chosen sets; once one of its keys is changed, it is the preset no more."""
    if name == _PRESET:
        for key, text in PRESETS[settings.chords.preset].items():
            settings = _put(settings, key.split("."), keys()[key].parse(text))
    elif name in PRESETS["plain"]:
        settings = _put(settings, _PRESET.split("."), "own")
    return settings


def _put(into: Any, steps: list[str], value: Any) -> Any:
    if len(steps) > 1:
        value = _put(getattr(into, steps[0]), steps[1:], value)
    return replace(into, **{steps[0]: value})


def _agree(settings: Settings, changed: str) -> None:
    """Rules between keys; the key just changed is blamed when it is part of the trouble."""
    follow = settings.follow
    if follow.commit_beats > follow.lookahead_beats:
        name = changed or "follow.commit_beats"
        raise SettingsError(
            name,
            f"follow.commit_beats {follow.commit_beats:g} over follow.lookahead_beats {follow.lookahead_beats:g}",
            "follow.commit_beats of at most follow.lookahead_beats",
        )
    used: dict[int, str] = {}
    for each in fields(settings.pins):
        line = getattr(settings.pins, each.name)
        if isinstance(line, bool) or line < 0:
            continue
        if line in used:
            name = changed or f"pins.{each.name}"
            found = f"GPIO {line} for both pins.{used[line]} and pins.{each.name}"
            raise SettingsError(name, found, "one line for each")
        used[line] = each.name

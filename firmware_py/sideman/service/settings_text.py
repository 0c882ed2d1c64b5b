"""The settings as documents: a complete commented TOML file and the page of the guide, both from the schema."""

from __future__ import annotations

import textwrap
from itertools import groupby

from sideman.service.settings import Settings, keys
from sideman.service.settings_keys import Key

_HEAD = """# Settings of Sideman. Every key is optional and stands here with its default.
# Read from /etc/sideman/settings.toml, or from the file named with --settings.
"""

_MAP_EXAMPLE = """
# A MIDI pedal: controller 64 is the START switch, program 5 the STOP switch.
# [[midi.map]]
# kind = "cc"
# number = 64
# effect = "START"
#
# [[midi.map]]
# kind = "program"
# number = 5
# effect = "STOP"
# channel = 16
# port = "FCB"
#
# A controller's knob sweeps the temperature, a program change chooses a preset, a switch steps the complexity
# (sideman settings --knobs lists every name).
# [[midi.map]]
# kind = "cc"
# number = 20
# effect = "knob temperature"
#
# [[midi.map]]
# kind = "program"
# number = 6
# effect = "set preset wild"
#
# [[midi.map]]
# kind = "cc"
# number = 81
# effect = "complexity next"
"""

_PAGE = """# Settings

One TOML file, `/etc/sideman/settings.toml` (or the one named with `--settings`). Every key is optional.
`sideman settings --example` prints a complete file, `sideman settings --check FILE` says what is wrong with one,
`sideman settings` lists what is in force. A key that cannot be used keeps its default, the box says so and plays on;
the file itself is never changed by the program. What is chosen in the foot menu is remembered beside it and wins.

This page is written by `sideman settings --markdown`.
"""


def _section(one: Key) -> str:
    return one.name.rpartition(".")[0]


def _title(section: str) -> str:
    holder = Settings()
    for step in section.split("."):
        holder = getattr(holder, step)
    return (type(holder).__doc__ or "").partition("\n")[0]


def example(settings: Settings | None = None) -> str:
    """A complete settings file with a comment on every key; it loads back to the same settings."""
    values = settings or Settings()
    lines = [_HEAD]
    for section, group in groupby(keys().values(), _section):
        lines += [f"# {_title(section)}" if not section.startswith("parts.") else "", f"[{section}]"]
        for one in group:
            if not section.startswith("parts.") or section == "parts.drums":
                lines += textwrap.wrap(_says(one), 110, initial_indent="# ", subsequent_indent="# ")
            lines.append(f"{one.name.rpartition('.')[2]} = {one.text(values.value(one.name))}")
        lines.append("")
    return "\n".join(lines) + _MAP_EXAMPLE


def markdown() -> str:
    """The page of the guide: one table a section."""
    lines = [_PAGE]
    for section, group in groupby(keys().values(), _section):
        title = f"## `[{section}]`\n\n{_title(section)}\n" if section.count(".") == 0 else f"### `[{section}]`\n"
        lines += [title, "| key | default | allowed | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{one.name.rpartition('.')[2]}` | {_cell('`' + one.text(one.default) + '`')} "
            f"| {_cell(one.allowed)} | {_cell(one.doc)} |"
            for one in group
        ]
        lines.append("")
    lines += ["An example of `[[midi.map]]`:", "", "```toml"]
    lines += [line.removeprefix("#").removeprefix(" ") for line in _MAP_EXAMPLE.strip().splitlines()[1:]]
    return "\n".join([*lines, "```", ""])


def listing(settings: Settings) -> str:
    """Every key with its value in force, those that differ from the default marked with a star."""
    changed = settings.changed()
    width = max(len(name) for name in keys())
    return "\n".join(f"{'*' if name in changed else ' '} {name:{width}} = {settings.text(name)}" for name in keys())


def _says(one: Key) -> str:
    return one.doc if one.kind in {"bool", "maps", "table", "list"} else f"{one.doc} ({one.allowed})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

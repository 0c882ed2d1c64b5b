"""Prints the pedal table into the user's guide and the README: ``python -m sideman.service.table_docs``."""

from __future__ import annotations

import sys
from pathlib import Path

from sideman.jam.knobs import PAGES
from sideman.jam.menu import items
from sideman.jam.screen import LEDS
from sideman.jam.table import OVERRIDES, guide, guide_everywhere
from sideman.service.knob_docs import knobs

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "firmware_py" / "docs" / "guide.md"
README = ROOT / "README.md"

_LIGHTS = {
    "off": "off",
    "on": "on",
    "dim": "dim",
    "blink": "blinks",
    "fast": "flickers",
    "beat": "flashes on the beat",
    "slow": "glows slowly",
    "twice": "blinks twice",
}


def lights() -> str:
    """The LEDs' language as a Markdown table."""
    lines = ["| the box says | red | amber | green |", "| --- | --- | --- | --- |"]
    lines += [f"| {name} | " + " | ".join(_LIGHTS[one] for one in three) + " |" for name, three in LEDS.items()]
    return "\n".join(lines)


def menu_items() -> str:
    """The foot menu's pages and their items in their order."""
    lines = ["| page | items |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {page} | {' · '.join(k.name for k in items(page))} |" for page in PAGES)])


def sections() -> dict[str, str]:
    """Every generated piece by the name of its mark."""
    pieces = {"pedal table": guide(), "gestures": guide_everywhere(), "lights": lights(), "menu": menu_items()}
    pieces |= {"knobs": knobs()}
    return pieces | {f"mode {mode}": guide(mode) for mode, cells in OVERRIDES.items() if cells}


def printed(text: str) -> str:
    """The text with every marked piece (``<!-- NAME -->`` to ``<!-- end of NAME -->``) printed anew."""
    for name, piece in sections().items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        head, mark, rest = text.partition(begin)
        _, other, tail = rest.partition(end)
        if mark and other:
            text = f"{head}{begin}\n{piece}\n{end}{tail}"
    return text


def main() -> int:
    """Write both files."""
    for path in (GUIDE, README):
        old = path.read_text(encoding="utf-8")
        new = printed(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)} written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

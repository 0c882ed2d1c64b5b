"""Everything in ``hardware/`` that is made by code: ``make hardware``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from sideman.service.pin_table import PinTable, pin_table
from sideman_hardware import assembly, drilling, enclosure, loopback, schematic, wiring
from sideman_hardware.layout import Layout

HARDWARE = Path(__file__).resolve().parents[1]
DRAWINGS: dict[str, Callable[[PinTable, Layout], str]] = {
    "wiring.svg": lambda table, _: wiring.diagram(table),
    "schematic.svg": lambda table, _: schematic.diagram(table),
    "loopback.svg": lambda table, _: loopback.diagram(table),
    "drilling.svg": lambda _, layout: drilling.template(layout),
    "drilling-lid.svg": lambda _, layout: drilling.lid(layout),
    "drilling.dxf": lambda _, layout: drilling.dxf(layout),
    "assembly.svg": assembly.diagram,
}
BODIES = {"box": enclosure.box, "lid": enclosure.lid}


def main(argv: list[str] | None = None) -> int:
    """Write all drawings, and the bodies where manifold3d is installed."""
    parser = argparse.ArgumentParser(prog="sideman_hardware", description=__doc__)
    parser.add_argument("--out", type=Path, default=HARDWARE, help="folder for what is made")
    out: Path = parser.parse_args(argv).out
    out.mkdir(parents=True, exist_ok=True)
    table, layout = pin_table(), Layout()
    for name, draw in DRAWINGS.items():
        (out / name).write_text(draw(table, layout), encoding="utf-8")
        sys.stdout.write(f"{name}\n")
    for name, make in BODIES.items():
        try:
            count = enclosure.write_stl(make(layout), out / f"enclosure-{name}.stl", name)
        except ImportError:
            sys.stderr.write(f"enclosure-{name}.stl is left as it is: pip install manifold3d\n")
        else:
            sys.stdout.write(f"enclosure-{name}.stl: {count} triangles\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The documentation's pictures of the display: ``python -m sideman.service.pictures.docs``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sideman.edges.oled_face import draw
from sideman.service.pictures.examples import ALL, NOW_NS, STATES, VARIANTS
from sideman.service.pictures.sheet import sheet

DOCS = Path(__file__).resolve().parents[3] / "docs"


def main(argv: list[str] | None = None) -> int:
    """Write ``oled-states.png`` and ``oled-more.png`` (and, when asked, one plain image per case for the tests)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the contact sheets")
    parser.add_argument("--golden", type=Path, help="also write every face 1:1 into this folder")
    wanted = parser.parse_args(argv)
    wanted.out.mkdir(parents=True, exist_ok=True)
    for name, cases in (("oled-states", STATES), ("oled-more", VARIANTS)):
        page = sheet({case: draw(status, NOW_NS) for case, status in cases.items()})
        page.save(wanted.out / f"{name}.png", optimize=True)
    if wanted.golden is not None:
        wanted.golden.mkdir(parents=True, exist_ok=True)
        for case, status in ALL.items():
            draw(status, NOW_NS).save(wanted.golden / f"{case}.png", optimize=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

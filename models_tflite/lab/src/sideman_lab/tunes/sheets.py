"""``sideman-lab sheets``: lead sheets of known tunes as the box writes them, engraved for the guide."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sideman.edges.musicxml import musicxml
from sideman.service.harmonise import chord_model
from sideman_lab.tunes.play import sheet
from sideman_lab.tunes.read import read_half

TUNES = ("joy-to-the-world", "o-tannenbaum", "michael-row", "red-river-valley")
"""Of the half that nothing was chosen on."""
HOW = "pip install 'models_tflite/lab[sheets]'"
LOOK = {
    "pageWidth": 2100,
    "pageMarginLeft": 40,
    "pageMarginRight": 40,
    "pageMarginTop": 40,
    "pageMarginBottom": 40,
    "scale": 40,
    "adjustPageHeight": True,
    "header": "auto",
    "footer": "none",
    "svgViewBox": True,
    "xmlIdSeed": 1,
}
"""Verovio's options; ids by a seed, so that the same sheet is the same file."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sideman-lab sheets``."""
    parser.add_argument("--out", type=Path, required=True, help="folder for the .svg files")
    parser.add_argument("--tunes", nargs="+", default=TUNES, metavar="TUNE", help="names of tunes in the half `report`")


def run(args: argparse.Namespace) -> int:
    """Draw them; 1 without Verovio, 2 for an unknown tune."""
    known = {tune.name: tune for tune in read_half("report")}
    unknown = [name for name in args.tunes if name not in known]
    if unknown:
        print(f"sideman-lab sheets: no tune {unknown[0]}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        import verovio  # noqa: F401 - only this command needs it
    except ImportError:
        print(f"sideman-lab sheets: notes are engraved with Verovio: {HOW}", file=sys.stderr)
        return 1
    models, trouble = chord_model(None)
    if trouble:
        print(f"sideman-lab sheets: {trouble}", file=sys.stderr)
        return 1
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.tunes:
        (args.out / f"{name}.svg").write_text(engraved(musicxml(sheet(known[name], models))), encoding="utf-8")
        print(args.out / f"{name}.svg")
    return 0


def engraved(score: bytes) -> str:
    """A MusicXML score of one page as SVG.

    Raises:
        ValueError: Verovio cannot read it.
    """
    import verovio

    kit = verovio.toolkit()
    kit.setOptions(LOOK)
    if not kit.loadData(score.decode()):
        raise ValueError("Verovio cannot read the score")
    return str(kit.renderToSVG(1))

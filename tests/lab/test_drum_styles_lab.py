"""Kick and snare of the styles beside people's: the measures, and that no skeleton is one of the book's."""

from __future__ import annotations

import os
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest

from sideman.jam.options import STYLES
from sideman_lab.drums.styles import box, divergence, measure, overlap

BOOK = Path(os.environ.get("SIDEMAN_DATA", "data")) / "drum-machine-patterns" / "drum-machine-patterns.tar.gz"


def bars(*steps):
    out = np.zeros((1, 2, 16), bool)
    for lane, step in steps:
        out[0, lane, step] = True
    return out


def test_divergence_and_overlap_are_nothing_and_all_between_the_same():
    one, other = bars((0, 0), (1, 4)), bars((0, 0), (1, 12))
    assert divergence(one, one) == pytest.approx(0)
    assert divergence(one, other) > 1
    assert (overlap(one, one), overlap(one, other), overlap(one, bars((0, 5)))) == (1, pytest.approx(1 / 3), 0)


def test_the_styles_lie_as_far_apart_as_peoples():
    people = {style: box(style) for style in STYLES[:4]}
    found = measure(people, {}, {})
    assert found["overlap"] < 0.4
    assert all(row["box"] == pytest.approx(0) for row in found["styles"].values())


@pytest.mark.skipif(not BOOK.is_file(), reason="the book's patterns are not here")
def test_no_bar_is_one_of_the_books():
    known = set()
    with tarfile.open(BOOK) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.name.endswith(".md") else None
            for block in re.split(r"\n#+ ", stream.read().decode() if stream else ""):
                rows = {
                    m[1]: {i for i, cell in enumerate(m[2].split("|")) if "X" in cell}
                    for m in re.finditer(r"^\|\s*(BD|SD|RS|CP)\s*\|(.*)\|$", block, re.MULTILINE)
                }
                known.add((frozenset(rows.pop("BD", ())), frozenset().union(*rows.values())))
    assert len(known) > 60
    for style in STYLES:
        for kick, snare in box(style):
            assert (frozenset(np.flatnonzero(kick)), frozenset(np.flatnonzero(snare))) not in known, style

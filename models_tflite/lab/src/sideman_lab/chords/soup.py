"""Chooses among trained students, and means of their weights, on the validation songs.

``python -m sideman_lab.chords.soup --data DIR A.pt B.pt ...``: students that started from the same weights lie near
each other, and the mean of their weights often does better than each (Wortsman et al. 2022, "Model soups"). The best of
all of them and of the means of any two and of all is written as ``chosen.pt``, for ``export chords --student``.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from sideman_lab.chords.figures import score
from sideman_lab.chords.net import ChordNet
from sideman_lab.chords.train import steps_behind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman_lab.chords.figures import Held

    Kept = dict[str, Any]


FILE = "chosen.pt"


def mean_of(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of each weight."""
    return {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}


def choose(kept: Sequence[Kept], held: Sequence[Held], names: Sequence[str]) -> tuple[Kept, list[float]]:
    """The best by the mean of the figures that training looks at.

    Args:
        kept: Checkpoints.
        held: Validation songs of each set.
        names: Of the checkpoints, for the lines that are printed.

    Returns:
        A checkpoint as ``export`` takes it, and its figures.
    """
    whole = tuple(range(len(kept)))
    found: list[tuple[float, tuple[int, ...], list[float]]] = []
    for chosen in sorted({*((i,) for i in whole), *combinations(whole, 2), whole}, key=lambda c: (len(c), c)):
        net = ChordNet()
        net.load_state_dict(mean_of([kept[i]["best"] for i in chosen]))
        figures = score(net, held)
        print(f"{' + '.join(names[i] for i in chosen)}: {' '.join(f'{x:.4f}' for x in figures)}", flush=True)
        found.append((float(np.mean(figures)), chosen, figures))
    _, chosen, figures = max(found)
    abouts = [dict(kept[i]["about"]) for i in chosen]
    about = max(abouts, key=lambda a: int(a.get("teacher", 0)))
    about["sources"] = list(dict.fromkeys(source for a in abouts for source in a.get("sources", [])))
    steps = [steps_behind(kept[i]) for i in chosen]
    about |= {"steps_before": 0, "mean_of": len(chosen)}
    best = mean_of([kept[i]["best"] for i in chosen])
    return {"best": best, "best_step": max(steps), "step": max(steps), "top": max(found)[0], "about": about}, figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Choose and write."""
    from sideman_lab.chords.sources import RIGHTS, held_sets
    from sideman_lab.chords.train import checkpoint_folder
    from sideman_lab.cli import data_folder

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("students", nargs="+", type=Path, help="checkpoints of students")
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--checkpoints", help="folder that the chosen one is written to")
    parser.add_argument("--rights", choices=RIGHTS, default="A+B", help="rights classes of the data")
    args = parser.parse_args(arguments)
    torch.set_num_threads(1)
    kept = [torch.load(file, weights_only=True) for file in args.students]
    names = [f"{file.parent.name}/{file.stem}" for file in args.students]
    chosen, _ = choose(kept, held_sets(data_folder(args.data), args.rights), names)
    file = checkpoint_folder(args.checkpoints) / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    torch.save(chosen, partial)
    partial.replace(file)
    print(f"{file}: {chosen['about']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

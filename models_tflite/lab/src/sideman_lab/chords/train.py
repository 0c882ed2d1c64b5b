"""``sideman-lab train chords``: the teacher, then the student distilled from it; resumable.

The student hears the melody only, causally. Its targets are the written chords and, with most of the weight, what the
teacher says of the same frames when it has heard the whole melody (Hinton, Vinyals and Dean 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from sideman.models.chord_features import STRONG_AT
from sideman_lab.chords.augment import CROP, UNKNOWN, make_pair, songs_of
from sideman_lab.chords.figures import OPENING, score
from sideman_lab.chords.loop import Plan, run_loop
from sideman_lab.chords.net import ChordNet
from sideman_lab.chords.teacher import RATE as TEACHER_RATE
from sideman_lab.chords.teacher import STUDENT_ROWS, Teacher, label, teacher_of, train_teacher, wide_batch

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sideman_lab.chords.augment import Song
    from sideman_lab.chords.figures import Held

BATCH = 24
STEPS = 6000
RATE = 4e-3
FILE = "student.pt"
TEMPERATURE = 1.5
OF_TEACHER = 0.7
"""Weight of the teacher's word; the written chords have the rest."""
OF_DECISIONS = 3.0
"""How much more a frame counts that stands before a strong beat: there the band decides."""
OF_OPENING = 1.0
"""How much more the first ``OPENING`` frames of a crop count: the first chords are the hardest."""
HORIZON_WEIGHTS = (0.5, 0.7, 1.0, 1.0, 1.0, 0.8, 1.0, 0.6, 0.6)
Batch = tuple[torch.Tensor, ...]


def loss_of(net: ChordNet, batch: Batch, taught: torch.Tensor | None = None) -> tuple[torch.Tensor, dict[str, float]]:
    """Sum of the losses over every second frame.

    Those before a strong beat count ``OF_DECISIONS`` times more, those of the opening ``OF_OPENING`` times more.

    Args:
        net: The net.
        batch: features (B, T, F), chords (B, T, H), change (B, T, A), histogram (B, T, A, 12).
        taught: What the teacher says of each horizon's frame, logits (B, T / 2, H, 37), NaN where it says nothing.
    """
    x, chords, change, histogram = batch
    states = net.trunk(x)[:, 1::2]
    chords, change, histogram = chords[:, 1::2], change[:, 1::2], histogram[:, 1::2]
    to_chord, to_change, to_histogram = net.heads(states)
    counts = 1 + OF_DECISIONS * x[:, 1::2, STRONG_AT]
    counts[:, : OPENING // 2] *= 1 + OF_OPENING
    weights = torch.tensor(HORIZON_WEIGHTS)
    per = functional.cross_entropy(
        to_chord.flatten(0, 2), chords.flatten(), ignore_index=UNKNOWN, reduction="none", label_smoothing=0.05
    ).view(chords.shape)
    known = (chords != UNKNOWN).float() * counts[..., None]
    written = _weighted(per, known, weights)
    labelled = (change >= 0).float()
    moves = functional.binary_cross_entropy_with_logits(to_change, change.clamp(min=0), reduction="none")
    move = (moves * labelled).sum() / labelled.sum().clamp(min=1)
    histogram = histogram * counts[..., None, None]
    sounding = histogram.sum(-1)
    tones = -(functional.log_softmax(to_histogram, -1) * histogram).sum(-1)
    tone = tones.sum() / sounding.sum().clamp(min=1)
    parts = {"chord": written.item(), "change": move.item(), "tone": tone.item()}
    chord = written
    if taught is not None:
        said = taught.isfinite().all(-1)
        soft = functional.softmax(torch.where(said[..., None], taught, 0.0) / TEMPERATURE, -1)
        apart = functional.kl_div(functional.log_softmax(to_chord / TEMPERATURE, -1), soft, reduction="none").sum(-1)
        told = TEMPERATURE**2 * _weighted(apart, said.float() * counts[..., None], weights)
        chord = OF_TEACHER * told + (1 - OF_TEACHER) * written
        parts["teacher"] = told.item()
    with torch.no_grad():
        right = (to_chord[:, :, 2].argmax(-1) == chords[:, :, 2]).float() * known[:, :, 2]
        parts["hit"] = float(right.sum() / known[:, :, 2].sum().clamp(min=1))
    return chord + 0.3 * move + 0.3 * tone, parts


def _weighted(values: torch.Tensor, there: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Mean over the frames that are there, horizons weighted."""
    by_horizon = (values * there).sum((0, 1)) / there.sum((0, 1)).clamp(min=1)
    return (by_horizon * weights).sum() / weights.sum()


def batch_of(
    songs: Sequence[Song],
    chances: NDArray[np.float64],
    rng: np.random.Generator,
    size: int = BATCH,
    teacher: Teacher | None = None,
) -> tuple[Batch, torch.Tensor | None]:
    """A batch of random crops, and what the teacher says of them."""
    drawn = rng.choice(len(songs), size, p=chances)
    pairs = [make_pair(songs[int(i)], rng, wide=teacher is not None) for i in drawn]
    stacks = [np.stack([getattr(c, name) for c, _ in pairs]) for name in ("features", "chords", "change", "histogram")]
    batch = tuple(torch.from_numpy(s) for s in stacks)
    wides = [wide for _, wide in pairs if wide is not None]
    if teacher is None or not wides:
        return batch, None
    features, chords, inside = wide_batch(wides)
    said = label(teacher, features, chords)
    said = torch.where(inside[..., None], said, torch.nan)
    return batch, said[:, torch.from_numpy(STUDENT_ROWS)]


def train(
    songs: Sequence[Song],
    chances: NDArray[np.float64],
    folder: Path,
    plan: Plan,
    *,
    held: Sequence[Held] = (),
    teacher: Teacher | None = None,
    start: dict[str, Any] | None = None,
    about: dict[str, Any] | None = None,
    batch: int = BATCH,
) -> Path:
    """Train the student, or go on from the last checkpoint in ``folder``.

    Args:
        songs: Training songs.
        chances: How often each is taken.
        folder: Checkpoints go here.
        plan: Schedule.
        held: Validation songs of each set; the averaged weights that do best on them are kept as ``best``.
        teacher: The trained teacher; None to learn from the written chords alone.
        start: Weights to start from.
        about: What to keep with the weights.
        batch: Crops a step.

    Returns:
        The checkpoint.
    """
    torch.manual_seed(plan.seed)
    net = ChordNet()
    if start is not None:
        net.load_state_dict(start)

    def loss(rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        return loss_of(net, *batch_of(songs, chances, rng, batch, teacher))

    def check(state: dict[str, torch.Tensor]) -> list[float]:
        judge = ChordNet()
        judge.load_state_dict(state)
        return score(judge, held)

    return run_loop(net, plan, folder / FILE, loss, check if held else None, about)


def mixed(sets: Sequence[tuple[Sequence[Song], float]]) -> tuple[list[Song], NDArray[np.float64]]:
    """All songs, and the chance of each: its set's share, within a set longer ones more often.

    Args:
        sets: The songs of each set, and what share of the crops they give; shares are scaled to sum to one.
    """
    songs = [song for part, _ in sets for song in part]
    chances = []
    for part, share in sets:
        lengths = np.minimum([len(song.chords) for song in part], 1500).astype(float)
        chances.append(share * lengths / lengths.sum() if len(part) else lengths)
    whole = np.concatenate(chances)
    return songs, whole / whole.sum()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``train chords``."""
    from pathlib import Path

    from sideman_lab.chords.sources import RIGHTS, SOURCES

    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--checkpoints", help="folder for checkpoints (default: $SIDEMAN_CHECKPOINTS)")
    parser.add_argument("--rights", choices=RIGHTS, default="A+B", help="rights classes of the data (default: A+B)")
    parser.add_argument("--without", choices=tuple(SOURCES), action="append", default=[], help="leave a source out")
    parser.add_argument("--seed", type=int, default=1, help="of weights and crops")
    parser.add_argument("--steps", type=int, default=STEPS, help="optimiser steps of the student's schedule")
    parser.add_argument("--minutes", type=float, default=30.0, help="the student's schedule ends at the latest then")
    parser.add_argument("--rate", type=float, default=RATE, help="the student's highest learning rate")
    parser.add_argument("--start", type=Path, help="checkpoint of a student whose best weights to start from")
    parser.add_argument("--teacher-steps", type=int, default=STEPS, help="the same of the teacher")
    parser.add_argument("--teacher-minutes", type=float, default=22.0, help="the same of the teacher")
    parser.add_argument("--no-teacher", action="store_true", help="the student learns from the written chords alone")
    parser.add_argument("--smoke", action="store_true", help="a few steps on made-up pieces, stopped and resumed once")


def checkpoint_folder(given: str | None) -> Path:
    """Where the checkpoints of this family lie."""
    from sideman_lab import checkpoints

    return checkpoints.folder(given) / "chords"


@dataclass(frozen=True)
class Trained:
    """A trained student.

    Attributes:
        weights: Written out.
        steps: Steps behind them, those before a new start counted in.
        free: How many weights are free, the others being tied to them.
        about: What they were trained on: ``sources``, ``rights``, ``seed``, ``teacher`` (its steps, 0 for none).
    """

    weights: dict[str, NDArray[np.float32]]
    steps: int
    free: int
    about: dict[str, Any]


def steps_behind(kept: dict[str, Any]) -> int:
    """Steps behind the best weights of a checkpoint, those before new starts counted in."""
    return int(kept["best_step"]) + int(kept["about"].get("steps_before", 0))


def trained(given: str | None = None, student: str = FILE) -> Trained:
    """The best averaged weights of a checkpoint.

    Args:
        given: Folder of the checkpoints.
        student: Name of the file.

    Raises:
        FileNotFoundError: Nothing has been trained yet.
    """
    file = checkpoint_folder(given) / student
    if not file.exists():
        raise FileNotFoundError(f"no checkpoint at {file}: train first, or give --checkpoints DIR")
    kept = torch.load(file, weights_only=True)
    net = ChordNet()
    net.load_state_dict(kept["best"])
    about = dict(kept["about"])
    return Trained(net.plain(), steps_behind(kept), sum(p.numel() for p in net.parameters()), about)


def run(args: argparse.Namespace) -> int:
    """Train from the command line."""
    if args.smoke:
        return smoke()
    from sideman_lab.chords.sources import gather, held_sets
    from sideman_lab.cli import data_folder

    data = data_folder(args.data)
    folder = checkpoint_folder(args.checkpoints)
    sets = gather(data, args.rights, args.without)
    for name, part in sets.items():
        print(f"{name}: {len(part.songs)} songs, share {part.share:g}", flush=True)
    songs, chances = mixed([(part.songs, part.share) for part in sets.values()])
    about: dict[str, Any] = {"sources": list(sets), "rights": args.rights, "seed": args.seed, "teacher": 0}
    teacher = None
    if not args.no_teacher:
        plan = Plan(args.teacher_steps, TEACHER_RATE, args.teacher_minutes, args.seed)
        held_crops = [part.held for part in sets.values() if part.held]
        file = train_teacher(songs, chances, folder, plan, held=held_crops, about=dict(about))
        teacher, about["teacher"] = teacher_of(folder), int(torch.load(file, weights_only=True)["best_step"])
    start = None
    if args.start is not None:
        before = torch.load(args.start, weights_only=True)
        if "about" not in before:
            raise ValueError(f"{args.start} does not say what it was trained on: train it again")
        start, about["steps_before"] = before["best"], steps_behind(before)
        about["sources"] = list(dict.fromkeys([*before["about"]["sources"], *about["sources"]]))
    plan = Plan(args.steps, args.rate, args.minutes, args.seed)
    held = held_sets(data, args.rights)
    print(f"{CROP} frames a crop", flush=True)
    print(train(songs, chances, folder, plan, held=held, teacher=teacher, start=start, about=about))
    return 0


def smoke() -> int:
    """Teacher and student, a few steps each, stopped and resumed once."""
    import tempfile
    from pathlib import Path

    from sideman_lab.synthetic import lead_sheets

    songs, chances = mixed([(songs_of(lead_sheets(8)), 1.0)])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stop_at in (2, None):
            train_teacher(songs, chances, folder, Plan(3, stop_at=stop_at), batch=4)
        for stop_at in (2, None):
            train(songs, chances, folder, Plan(4, stop_at=stop_at), teacher=teacher_of(folder), batch=4)
    print("smoke: trained the teacher and the student, saved, resumed")
    return 0

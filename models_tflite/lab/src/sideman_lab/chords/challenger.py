"""The challenger: a small causal transformer that hears the melody and its own chords, frame by frame.

``python -m sideman_lab.chords.challenger --data DIR`` trains it on the student's songs and writes the figures of its
playing on the validation songs to ``challenger_result.json``. It hears what the student hears, and what it played
itself; there is no decoder: it plays the chord it finds most likely, or draws one.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from sideman.models.chord_features import N_FEATURES, meter_table
from sideman.models.chords import N_BACK
from sideman.music.chords import NO_CHORD
from sideman_lab.chords import measure as m
from sideman_lab.chords.augment import CROP, UNKNOWN
from sideman_lab.chords.features import encode
from sideman_lab.chords.loop import Plan, run_loop
from sideman_lab.chords.net import N_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sideman_lab.chords.piece import FramedPiece

    Ints = NDArray[np.int64]
    Cache = list[tuple[torch.Tensor, torch.Tensor]]

LAYERS, WIDTH, HEADS = 4, 160, 4
START = N_CLASSES
"""Stands for the chord before the first, and for frames that nobody labelled."""
FILE = "challenger.pt"
RESULT = Path(__file__).with_name("challenger_result.json")
RATE = 1.2e-3
BATCH = 24
SAMPLED_SEED = 5


class Block(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Attention to the past and a dense part, both after a layer norm."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.drop = nn.Dropout(0.1)

    def forward(
        self, x: torch.Tensor, past: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Shape (batch, frames, WIDTH); with ``past`` one frame at a time."""
        batch, frames, _ = x.shape
        q, k, v = self.qkv(self.before(x)).view(batch, frames, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=past is None and frames > 1)
        x = x + self.drop(self.out(seen.transpose(1, 2).reshape(batch, frames, WIDTH)))
        return x + self.drop(self.down(functional.gelu(self.up(self.between(x))))), (k, v)


class Challenger(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Features of the frame just heard and the chord that sounded in it; out comes the next frame's chord."""

    def __init__(self) -> None:
        super().__init__()
        self.heard, self.played = nn.Linear(N_FEATURES, WIDTH), nn.Embedding(START + 1, WIDTH)
        self.place = nn.Parameter(torch.randn(CROP, WIDTH) * 0.02)
        self.blocks = nn.ModuleList([Block() for _ in range(LAYERS)])
        self.norm, self.chord = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, N_CLASSES)

    def forward(
        self, x: torch.Tensor, chords: torch.Tensor, first: int = 0, past: Cache | None = None
    ) -> tuple[torch.Tensor, Cache]:
        """Logits of the next frame's chord, shape (batch, frames, 37), and what later frames need.

        Args:
            x: Features, shape (batch, frames, N_FEATURES).
            chords: The chord that sounded in each of these frames.
            first: Place of the first frame in the piece.
            past: Of the frames before.
        """
        h = self.heard(x) + self.played(chords) + self.place[first : first + x.shape[1]]
        kept = []
        for number, block in enumerate(self.blocks):
            h, both = block(h, None if past is None else past[number])
            kept.append(both)
        return self.chord(self.norm(h)), kept


def shifted(following: torch.Tensor) -> torch.Tensor:
    """The chord of each frame from that of the frame after it."""
    own = torch.cat([torch.full_like(following[:, :1], START), following[:, :-1]], 1)
    return torch.where(own == UNKNOWN, START, own)


def train(sets: Any, folder: Path, plan: Plan) -> Path:
    """Train, or go on; the last averaged weights count.

    Args:
        sets: Songs of each set and its share, as ``train.mixed`` takes them.
        folder: Checkpoints go here.
        plan: Schedule.
    """
    from sideman_lab.chords.train import batch_of, mixed

    torch.manual_seed(plan.seed)
    songs, chances = mixed(sets)
    net = Challenger()

    def loss(rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        (x, chords, _, _), _ = batch_of(songs, chances, rng, BATCH)
        following = chords[:, :, N_BACK]
        logits, _ = net(x, shifted(following))
        found = functional.cross_entropy(logits.flatten(0, 1), following.flatten(), ignore_index=UNKNOWN)
        return found, {"chord": found.item()}

    return run_loop(net, plan, folder / FILE, loss)


def play(net: Challenger, pieces: Sequence[FramedPiece], seed: int | None = None) -> list[Ints]:
    """Play pieces, each by itself, at commit 0: the chord of frame t is found from frames before t.

    Args:
        net: The trained net.
        pieces: At most CROP frames each.
        seed: Chords are drawn with this seed; None plays the most likely ones.

    Returns:
        Chord class of each frame, silent before the first note is heard.
    """
    net.eval()
    lines = [encode(p.pitch, p.struck, meter_table(p.meter), p.first) for p in pieces]
    frames = max(map(len, lines))
    x = torch.from_numpy(np.stack([np.pad(line, ((0, frames - len(line)), (0, 0))) for line in lines]))
    dice = None if seed is None else torch.Generator().manual_seed(seed)
    played = torch.full((len(pieces), frames), NO_CHORD)
    now, past = torch.full((len(pieces), 1), START), None
    begun = torch.zeros(len(pieces), dtype=torch.bool)
    with torch.no_grad():
        for t in range(frames - 1):
            logits, past = net(x[:, t : t + 1], now, t, past)
            begun |= x[:, t, :12].any(-1)
            chances = logits[:, 0].softmax(-1)
            drawn = chances.argmax(-1) if dice is None else torch.multinomial(chances, 1, generator=dice)[:, 0]
            now = torch.where(begun, drawn, START)[:, None]
            played[:, t + 1] = torch.where(begun, drawn, NO_CHORD)
    return [row[: len(piece)].numpy() for row, piece in zip(played, pieces, strict=True)]


def figures(pieces: Sequence[FramedPiece], played: Sequence[Ints]) -> dict[str, Any]:
    """The table's measures of what was played, and the rule part by part."""

    def mean(values: list[float]) -> float:
        return round(float(np.nanmean(values)), 4)

    pairs = list(zip(pieces, played, strict=True))
    parts = m.rule(pieces, played)
    return {
        "NiC": mean([m.nic(p, x) for p, x in pairs]),
        "SNiC": mean([m.nic(p, x, strong_onsets=True) for p, x in pairs]),
        "triad accuracy": mean([m.accuracy(p, x) for p, x in pairs]),
        "rule kept": all(part.holds for part in parts),
        "rule": {part.name: round(part.value, 4) if math.isfinite(part.value) else None for part in parts},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the result."""
    from sideman_lab.chords.sources import RIGHTS, framed_sets, gather
    from sideman_lab.chords.train import checkpoint_folder
    from sideman_lab.cli import data_folder

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", help="folder with the data sets (default: $SIDEMAN_DATA)")
    parser.add_argument("--checkpoints", help="folder for checkpoints (default: $SIDEMAN_CHECKPOINTS)")
    parser.add_argument("--rights", choices=RIGHTS, default="A+B", help="rights classes of the data")
    parser.add_argument("--without", action="append", default=[], help="leave a source out")
    parser.add_argument("--minutes", type=float, default=25.0, help="the schedule ends at the latest then")
    parser.add_argument("--seed", type=int, default=1, help="of weights and crops")
    parser.add_argument("--out", type=Path, default=RESULT, help="where the result goes")
    args = parser.parse_args(arguments)
    data = data_folder(args.data)
    sets = gather(data, args.rights, args.without)
    began = time.monotonic()
    plan = Plan(20_000, RATE, args.minutes, args.seed)
    file = train([(s.songs, s.share) for s in sets.values()], checkpoint_folder(args.checkpoints), plan)
    kept = torch.load(file, weights_only=True)
    net = Challenger()
    net.load_state_dict(kept["best"])
    result: dict[str, Any] = {
        "net": f"causal transformer, {LAYERS} layers of {WIDTH}, {HEADS} heads, melody and own chords by the frame",
        "parameters": sum(p.numel() for p in net.parameters()),
        "steps": int(kept["best_step"]),
        "minutes": round(float(kept["seconds"]) / 60, 1),
        "seed": args.seed,
        "trained_on": list(sets),
        "commit": 0,
        "validation": {},
    }
    for name, pieces in framed_sets(data, args.rights).items():
        ways = {"argmax": play(net, pieces), "sampled": play(net, pieces, SAMPLED_SEED)}
        result["validation"][name] = {way: figures(pieces, played) for way, played in ways.items()}
    args.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result["validation"], indent=2))
    print(f"{args.out} written after {(time.monotonic() - began) / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""What a chord net says on validation songs before any decoder: how often it is right and how much it is surprised.

Cold start, the first 256 frames, nothing changed by augmentation, only frames under a written chord.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from sideman.models.chord_features import STRONG_AT, meter_table
from sideman.models.chords import HORIZONS, N_BACK
from sideman.music.chords import NO_CHORD
from sideman_lab.chords.export import clipped, numpy_step, state_size
from sideman_lab.chords.features import encode
from sideman_lab.chords.net import ChordNet
from sideman_lab.chords.piece import frame_piece
from sideman_lab.chords.validation import FRAMES
from sideman_lab.reference import Numerics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sideman_lab.chords.export import Weights
    from sideman_lab.chords.piece import FramedPiece

IGNORED = -1
OPENING = 48
"""Frames in which the key is mostly open."""
TOLD = slice(N_BACK, N_BACK + 2)
"""Heads that speak of the next frame and of one a beat later."""
NEAR = slice(N_BACK, N_BACK + 5)
"""Heads that speak of the next frame to four beats later."""


@dataclass(frozen=True)
class Held:
    """Validation songs as a batch: features (pieces, FRAMES, F), the class at each horizon (pieces, FRAMES, H)."""

    features: torch.Tensor
    chords: torch.Tensor


def held_of(pieces: Sequence[FramedPiece]) -> Held:
    """A batch of framed pieces; frames without a written chord are ignored."""
    features, chords = [], []
    for piece in pieces:
        rows = np.full((FRAMES, len(HORIZONS)), IGNORED, np.int64)
        at = np.arange(len(piece))[:, None] + 1 + np.array(HORIZONS)
        there = (at >= 0) & (at < len(piece))
        found = np.where(there, piece.human[np.clip(at, 0, len(piece) - 1)], NO_CHORD)
        rows[: len(piece)] = np.where(found < NO_CHORD, found, IGNORED)
        line = encode(piece.pitch, piece.struck, meter_table(piece.meter), piece.first)
        features.append(np.pad(line, ((0, FRAMES - len(piece)), (0, 0))))
        chords.append(rows)
    return Held(torch.from_numpy(np.stack(features)), torch.from_numpy(np.stack(chords)))


def figures(net: ChordNet, held: Held) -> dict[str, float]:
    """Share of right triads in the next frame, and mean log posterior of the written triad.

    Returns:
        ``hit`` (next frame), ``log`` (nats, mean over the heads 0 to 8 beats ahead) and ``log at N`` of each head;
        ``decided`` and ``decided log``: the same before strong beats alone, of the frame there and the one a beat later
        and of the heads 0 to 4 beats ahead; ``opening`` and ``opening log``: those of the first ``OPENING`` frames.
    """
    net.eval()
    right: list[torch.Tensor] = []
    decided: list[torch.Tensor] = []
    decided_logs: list[torch.Tensor] = []
    opening: list[torch.Tensor] = []
    opening_logs: list[torch.Tensor] = []
    surprise: list[list[torch.Tensor]] = [[] for _ in HORIZONS]
    with torch.no_grad():
        for first in range(0, len(held.features), 24):
            chords = held.chords[first : first + 24]
            said = net.heads(net.trunk(held.features[first : first + 24]))[0].log_softmax(-1)
            known = chords != IGNORED
            logs = said.gather(-1, chords.clamp(min=0)[..., None])[..., 0]
            for h in range(len(HORIZONS)):
                surprise[h].append(logs[..., h][known[..., h]])
            hits = said.argmax(-1) == chords
            right.append(hits[..., N_BACK][known[..., N_BACK]].float())
            there = known & (held.features[first : first + 24, :, STRONG_AT, None] > 0)
            decided.append(hits[..., TOLD][there[..., TOLD]].float())
            decided_logs.append(logs[..., NEAR][there[..., NEAR]])
            opening.append(hits[:, :OPENING, TOLD][there[:, :OPENING, TOLD]].float())
            opening_logs.append(logs[:, :OPENING, NEAR][there[:, :OPENING, NEAR]])
    means = [float(torch.cat(part).mean()) for part in surprise]
    by_head = {f"log at {h}": mean for h, mean in zip(HORIZONS, means, strict=True)}
    return {
        "hit": float(torch.cat(right).mean()),
        "log": float(np.mean(means[N_BACK:])),
        "decided": float(torch.cat(decided).mean()),
        "decided log": float(torch.cat(decided_logs).mean()),
        "opening": float(torch.cat(opening).mean()),
        "opening log": float(torch.cat(opening_logs).mean()),
        **by_head,
    }


def score(net: ChordNet, sets: Sequence[Held]) -> list[float]:
    """What training looks at: before strong beats, of each set the hit rate and the posterior's geometric mean, 0-1."""
    found = []
    for held in sets:
        figure = figures(net, held)
        found += [figure["decided"], float(np.exp(figure["decided log"]))]
    return found


def agreement(weights: Weights, held: Held) -> tuple[float, float]:
    """How alike the int8 arithmetic and float speak of validation songs.

    Args:
        weights: Written out, as they are exported.
        held: Validation songs.

    Returns:
        Share of frames and heads whose likeliest chord is the same, and mean absolute difference of a probability.
    """
    x, known = held.features.numpy(), (held.chords != IGNORED).numpy()
    said = []
    for int8 in (True, False):
        state = {name: np.zeros((len(x), state_size(weights)), np.float32) for name in ("h1_in", "h2_in")}
        rows = []
        for frame in range(x.shape[1]):
            out = numpy_step(weights, {"x": x[:, frame], **state}, Numerics(int8=int8))
            state = {"h1_in": out["h1_out"], "h2_in": out["h2_out"]}
            rows.append(out["chord"].reshape(len(x), len(HORIZONS), -1))
        logits = np.stack(rows, 1).astype(np.float64)
        odds = np.exp(logits - logits.max(-1, keepdims=True))
        said.append(odds / odds.sum(-1, keepdims=True))
    alike = said[0].argmax(-1) == said[1].argmax(-1)
    return float(alike[known].mean()), float(np.abs(said[0] - said[1]).sum(-1)[known].mean() / 2)


def main(arguments: Sequence[str]) -> None:
    """``python -m sideman_lab.chords.figures CHECKPOINT PIECES.jsonl ...``: a line of figures for each file."""
    net = ChordNet()
    net.load_state_dict(torch.load(arguments[0], weights_only=True)["best"])
    for name in arguments[1:]:
        rows = (json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines())
        framed = [piece for piece in (frame_piece(row, FRAMES) for row in rows) if piece is not None]
        held = held_of(framed)
        found = figures(net, held)
        print(f"{Path(name).stem}: " + " ".join(f"{key} {value:.4f}" for key, value in found.items()))
        alike, apart = agreement(clipped(net.plain()), held)
        print(f"{Path(name).stem}: int8 and float alike {alike:.4f}, probability moved {apart:.4f}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1:])

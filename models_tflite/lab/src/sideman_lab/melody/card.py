"""The model card of the melody family and its pictures, written from what ``evaluate`` measured."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from sideman.music.meter import FRAME_TICKS
from sideman_lab.metrics import failures, table
from sideman_lab.packaging import cards_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sideman.models.library import Entry
    from sideman.music.notes import Note
    from sideman_lab.melody.answers import Exchange
    from sideman_lab.metrics import Metric

Section = tuple[str, dict[str, Any], "list[Metric]"]
Example = tuple["Exchange", "list[list[Note]]"]
"""A call and some answers to it."""

NAMES = {
    "pop909": "POP909, validation songs",
    "nottingham": "Nottingham (never trained on)",
    "openewld": "OpenEWLD (never trained on)",
}

INTRO = """# Melody: pitch given rhythm

One pass per note: Dense 128, two GRUs of 256, a readout over 25 intervals (-12 to +12 semitones from the last pitch).
{parameters} The soloist uses it for its answers; at a key-press it would need one pass.

| | |
|---|---|
| file | `melody.tflite`, {bytes} bytes, int8 weights, float state in and out |
| sha256 | `{sha256}` |
| trained on | {trained_on} |
| validation | songs whose id hashes to 0 modulo 10 |
| test only | `openewld` and `nottingham-gpl`: never trained on |
| rights | {rights_class} |
| licence of the weights | {licence} |
| steps | {steps}, of 32 sequences of 128 notes, one CPU thread |

**Inputs** (411 numbers, all relative to the last pitch, so that every key looks the same): the last two intervals, a
slow and a fast pitch-class histogram, the sounding and the coming chord and the time until it, register, rhythm, place
in the bar and in the phrase, a summary of the call, the direction of the pressed key, the note's own length where it is
known. The copy head is an input too: what followed the longest earlier match of the last intervals, with and without
its place in the bar, and what stood at this place 1, 2, 4 and 8 bars ago. Chords, lengths, call, direction and copies
were hidden at random in training; half of it heard 5 % wrong notes, 5 % octave errors and changes of key.

**Decoding**: log-probabilities plus rule terms (register, harmony gate, leaps, repetitions, cadence, motif echo, no
long copies), then seeded sampling. Each term has a knob; see `sideman/models/melody_rules.py`.

**How to read the tables.** Perplexity is that of the next interval given the rhythm and, where the set has them, the
chords; `press` does not know the length of the note to come, `known` does. Songs repeat themselves: with the whole song
remembered most notes of a chorus are known, for the model and for the baseline `longest repeat` alike, so figures on
whole pieces are far below those of models that see short windows and cannot be compared with theirs. The rows `opening`
count the first 64 notes of each piece only. All baselines were fitted on the songs the model was trained on. `n-gram +
rules` and `rules alone` answer the same calls with the same rule terms or with none of the model; `human` is how the
piece went on. The interval beside milliseconds is p50 to maximum.

"""

LIMITS = """## Limits

- Knows straight pop and art songs; no swing, no blues inflections, no jazz lines. The Lieder came without chords.
- Scheduled sampling was not used: the inputs depend on the whole past. Wrong notes in the context stand in for it.
- Knowing the length of the note to come hardly helps it: the two modes differ by less than their intervals.
- Most answers hold eight notes in a row that some training song holds too, as do the human continuations: short
  figures are common property. Nothing but the run copied from the call is held back.
- A rule-based soloist answers wherever this model is missing.
"""

MISSES = """## What it misses

Every `must` that is not reached and every row in which a baseline does better, from the tables above:

"""

WHY = """
What stands behind these rows (the first figures are counted, the reasons are our reading of them):

- *Strong-beat chord tones*, *chord tones after a change*: `rules alone` takes a chord tone wherever it can; the model
  and `n-gram + rules` share rule terms that weigh one against the line. In Nottingham's dances the model reaches no
  further than the counts, and hears less of a change.
- *Leaps resolved*: few leaps are played at all, so that one more or less is one or two percent.
- *Motif echo* on Nottingham: these dances share their motifs, so that another tune's call is echoed nearly as often
  as one's own; the human continuations reach no more. The must was set for all sets and is not reached here.
- *Pitch-class entropy*, *longest run copied*, *answers with 8 notes in a row from training*: baselines that know no
  song, or only its counts, wander more and quote less. The musts are reached.
"""


def write_card(sections: Sequence[Section], entry: Entry, examples: Sequence[Example] = ()) -> None:
    """Write ``cards/melody.md``, and its pictures where matplotlib is installed."""
    folder = cards_folder()
    folder.mkdir(exist_ok=True)
    words = [
        INTRO.format(
            parameters="About 0.75 million parameters.",
            bytes=entry.bytes,
            sha256=entry.sha256,
            trained_on=", ".join(f"`{name}`" for name in entry.trained_on),
            rights_class=entry.rights_class,
            licence=entry.licence,
            steps=entry.extra.get("steps", "unknown"),
        )
    ]
    if importlib.util.find_spec("matplotlib") is not None:
        _picture(sections, folder / "melody-perplexity.png")
        if examples:
            _rolls(examples, folder / "melody-answers.png")
    if (folder / "melody-perplexity.png").exists():
        words.append("![Perplexity beside the baselines](melody-perplexity.png)\n\n")
    if (folder / "melody-answers.png").exists():
        words.append("![Calls and answers with their chords](melody-answers.png)\n\n")
    for name, found, metrics in sections:
        words.append(f"## {NAMES.get(name, name)}\n\n{found['pieces']} pieces, {found['runtime']}.\n\n")
        words.append(table(metrics, markdown=True) + "\n\n")
    words += [MISSES, *(f"- {line}\n" for line in misses(sections)), WHY + "\n", LIMITS]
    words.append(
        "\nWritten by `sideman-lab evaluate melody --validation --float FILE --data DIR --card --pieces "
        "pop909.jsonl nottingham.jsonl openewld.jsonl` (files made by `sideman-lab pieces`).\n"
    )
    (folder / "melody.md").write_text("".join(words), encoding="utf-8")


def misses(sections: Sequence[Section]) -> list[str]:
    """Each must that is missed and each row in which a baseline wins, as one line."""
    lines = []
    for name, _, metrics in sections:
        where = NAMES.get(name, name).partition(" (")[0]
        lines += [f"**missed** {where}: {clause}" for clause in failures(metrics)]
        for metric in metrics:
            better = ", ".join(f"{key} {metric.baselines[key]:.4g}" for key in metric.lost_to)
            if better:
                lines.append(f"{where}: {metric.name} {metric.value:.4g}; better: {better}")
    return lines


def _picture(sections: Sequence[Section], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(sections), figsize=(4.2 * len(sections), 3.6), squeeze=False, sharey=True)
    for axis, (name, _, metrics) in zip(axes[0], sections, strict=True):
        for offset, key, colour in (
            (-0.2, "perplexity press", "tab:blue"),
            (0.2, "perplexity press opening", "tab:cyan"),
        ):
            metric = next(m for m in metrics if m.name == key)
            labels = ["model", *metric.baselines]
            values = [metric.value, *metric.baselines.values()]
            places = [k + offset for k in range(len(values))]
            axis.bar(places, values, 0.38, color=colour, label="whole pieces" if offset < 0 else "first 64 notes")
            axis.errorbar(
                places[:1],
                values[:1],
                [[metric.value - metric.ci95[0]], [metric.ci95[1] - metric.value]],
                color="black",
                capsize=3,
            )
        axis.set_xticks(range(len(labels)), labels, rotation=40, ha="right", fontsize=7)
        axis.set_title(NAMES.get(name, name), fontsize=9)
    axes[0][0].set_ylabel("perplexity of the next interval")
    axes[0][0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _rolls(examples: Sequence[Example], path: Path) -> None:
    """Piano rolls: the call, then its answers one under the other, chord names along the bottom."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = max(len(told) for _, told in examples)
    figure, axes = plt.subplots(rows, len(examples), figsize=(6.2 * len(examples), 2.1 * rows), squeeze=False)
    for column, (exchange, told) in enumerate(examples):
        for row, line in enumerate(told):
            axis = axes[row][column]
            for notes, colour in ((exchange.call, "tab:gray"), (line, "tab:blue")):
                axis.barh(
                    [n.pitch for n in notes],
                    [n.duration / FRAME_TICKS for n in notes],
                    left=[n.tick / FRAME_TICKS for n in notes],
                    height=0.9,
                    color=colour,
                )
            low = min(n.pitch for n in (*exchange.call, *line)) - 4
            end = max(n.end for n in line) / FRAME_TICKS
            for span in exchange.chords:
                if 0 <= span.onset < end:
                    axis.text(span.onset, low, span.chord.name, fontsize=5)
            axis.set_xlim(0, end)
            axis.set_ylim(low - 1, None)
            axis.tick_params(labelsize=6)
        axes[0][column].set_title(f"{exchange.song[:48]}: call (grey), answers (blue)", fontsize=8)
        axes[-1][column].set_xlabel("16ths", fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)

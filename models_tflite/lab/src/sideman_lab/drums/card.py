"""The drum model's card: its figures beside their baselines, and pictures of what it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.models.drums import DrumNet, GrooveRequest
from sideman.music.drum_pattern import Tap
from sideman.music.drumkit import Voice
from sideman.music.meter import FRAME_TICKS, parse_meter
from sideman_lab.drums import measures as m
from sideman_lab.drums.layout import WIDTH
from sideman_lab.drums.play import SWINGS
from sideman_lab.metrics import table
from sideman_lab.packaging import cards_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sideman.models.library import Entry
    from sideman.models.runtime import Graph
    from sideman_lab.drums.play import Played
    from sideman_lab.drums.windows import Split
    from sideman_lab.metrics import Metric

TEXT = """# drums

One network that plays two bars at a time. *What* to play (nine score lanes, each given, empty or free) and *how* (a
tapped groove, or a feel that it proposes itself) come in apart; beside them bass onsets, accents, style, tempo, density
and a fill mark. Any of these may be missing. A dense layer, five residual circular convolutions (width {width},
dilations 1 to 16), one dense head for each output, and a gate that copies the tapped velocity and timing:
{parameters:,} parameters, {bytes:,} bytes, int8 weights with float activations;
checksum `{sha}`.

- **Trained on** the Groove MIDI Dataset (Gillick, Roberts, Engel, Eck, Bamman: *Learning to Groove with Inverse
  Sequence Transformations*, ICML 2019; CC BY 4.0), rows `train` of its official split; rights class {rights}.
  {steps:,} steps of 64 windows on one thread. The rows `validation` chose the checkpoint (by loss) and are what is
  measured here; no weight was fitted to them. The official split has the same drummers on both sides.
- **Licence of the weights**: {licence}.
- **For** the drummer of a jam: 4/4 and, as the graph takes each step's neighbours as an input, any loop of up to 32
  sixteenths. Training saw 4/4 and bars of 3/4, 7/8, 5/4 and 2/4 cut out of 4/4; only 4/4 is measured.
- **Not for** triplet grids (a shuffle is swung sixteenths here) or more than nine voices.

## Figures

Made by `sideman-lab evaluate drums --rows {rows} --card` on {windows:,} windows of two bars (hop one bar) of
{pieces} performances in 4/4, with the int8 file in `{runtime}`. `score_tap`: hits given, groove tapped;
`tap`: only the groove; `tap_style_bass`: also the style, and a bass line simulated from the kick; `score_style`: hits
and style, no tap; `bass_style`: no tap, no hits. The tap is the loudest hit of each step, so part of the truth is
given, as in the literature. Where hits are free, the network and every table are decoded by the same rule (best
expected F1, one timekeeper). Baselines keep the same rules unless marked *reference*.
Intervals of the two divergences lie high: a resample holds fewer different pieces than the set.

{table}

What misses its target:

{short}

### Swing

A groove with the off-beat 16ths moved, on every score of the split (Table 2 of the NIME 2021 paper, whose cells are
lost); in half 16ths, early = positive, as there. In our own API late is positive and the unit a whole 16th.

| asked | mean | SD | difference |
| --- | --- | --- | --- |
{swing}

![Off-beat offsets for three swings](drums-swing.png)

### Velocity and timing by voice and place

![Data and model](drums-heat.png)

## Ten grooves

`X` loud, `x` plain, `.` soft. Temperature 0.3 unless everything is tapped.

{grooves}"""

REASONS = {
    "hit_f1": "the target was set on other rows of the set, where a table of tap and place scores .551",
    "bass_lock": "the recorded drummers themselves lift less against the same simulated bass (reference)",
    "seam": "the bar line inside its loop changes as much (reference): what is measured is the downbeat, not the seam",
    "int8_same_strokes": "counts a stroke as changed when its velocity moves by 3 or its timing by 2 %; hits agree",
    "pattern_ms": "two passes and all decoding, on a machine shared with other programs",
}


def write_card(metrics: Sequence[Metric], played: Played, split: Split, graph: Graph, entry: Entry, rows: str) -> Path:
    """Write ``drums.md``, and its pictures where matplotlib is installed; returns its path."""
    folder = cards_folder()
    folder.mkdir(exist_ok=True)
    found = m.fidelity(split, played)
    misses = [clause for metric in metrics for clause in metric.failures]
    text = TEXT.format(
        width=WIDTH,
        parameters=int(entry.extra.get("parameters", 0)),
        bytes=entry.bytes,
        sha=entry.sha256[:12],
        rights=entry.rights_class,
        steps=int(entry.extra.get("training_steps", 0)),
        licence=entry.licence,
        rows=rows,
        runtime=graph.backend,
        windows=len(split.grid),
        pieces=len(split.names),
        table=table(metrics, markdown=True),
        short="\n".join(f"- {clause}{reason(clause)}" for clause in misses) or "- nothing",
        swing="\n".join(
            f"| {s} | {found[s]['mean']:.4f} | {found[s]['sd']:.4f} | {found[s]['difference']:.4f} |" for s in SWINGS
        ),
        grooves="\n".join(sheet(DrumNet(graph), title, request) for title, request in examples()),
    )
    (folder / "drums.md").write_text(text, encoding="utf-8")
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        return folder / "drums.md"
    mpl.use("Agg")
    from sideman_lab.drums.pictures import heat, swings

    swings(folder / "drums-swing.png", played, split)
    heat(folder / "drums-heat.png", played, split)
    return folder / "drums.md"


def reason(clause: str) -> str:
    """Why a figure falls short, where that is known."""
    return next((f": {why}" for key, why in REASONS.items() if clause.startswith(key)), "")


def examples() -> list[tuple[str, GrooveRequest]]:
    """Ten requests of different kinds."""
    four, seven, three = parse_meter("4/4"), parse_meter("7/8 2+2+3"), parse_meter("3/4")
    eighths = tuple(Tap(s, 100 if s % 4 == 0 else 70, 0.02) for s in range(0, 32, 2))
    swung = tuple(Tap(s, 95 if s % 4 == 0 else 60, 0.3 if s % 4 == 3 else 0.0) for s in range(32) if s % 4 in {0, 2, 3})
    clave = tuple(Tap(s, 95) for s in (0, 6, 12, 20, 24))
    bass = (Tap(0, 100), Tap(6, 80), Tap(10, 90), Tap(16, 100), Tap(22, 80), Tap(28, 90))
    return [
        ("rock, nothing else given", GrooveRequest(four, style="rock", temperature=0.3)),
        ("funk, a bass line", GrooveRequest(four, style="funk", bass=bass, temperature=0.3)),
        ("eighths tapped", GrooveRequest(four, taps=eighths)),
        ("a shuffle tapped, blues", GrooveRequest(four, taps=swung, style="blues")),
        ("a clave tapped, latin", GrooveRequest(four, taps=clave, style="latin")),
        ("jazz at 180", GrooveRequest(four, style="jazz", bpm=180, temperature=0.3)),
        ("hip hop at 88, sparse", GrooveRequest(four, style="hiphop", bpm=88, density=0.25, temperature=0.3)),
        ("rock, the second bar a fill", GrooveRequest(four, style="rock", fill=16, temperature=0.3)),
        ("7/8 = 2+2+3, a bass line", GrooveRequest(seven, 28, bass=(Tap(0), Tap(8), Tap(14), Tap(22)))),
        ("3/4, a bass line", GrooveRequest(three, 24, style="pop", bass=(Tap(0), Tap(12)))),
    ]


def sheet(net: DrumNet, title: str, request: GrooveRequest) -> str:
    """A pattern as a grid that a drummer can read."""
    pattern = net.groove(request)
    cells = {(hit.voice, hit.step): hit.velocity for hit in pattern.hits}
    beats = {tick // FRAME_TICKS for tick in request.meter.beats}
    lines = []
    for voice in reversed(Voice):
        if not pattern.onsets(voice):
            continue
        row = ""
        for step in range(pattern.steps):
            at = step % request.meter.bar_frames
            row += "|" if at == 0 else " " if at in beats else ""
            velocity = cells.get((voice, step), 0)
            row += "X" if velocity >= 95 else "x" if velocity >= 50 else "." if velocity else "-"
        lines.append(f"{voice.name.lower().replace('_', ' '):>10} {row}|")
    return f"**{title}**\n\n```text\n" + "\n".join(lines) + "\n```\n"

"""Every knob with the ways to turn it, as one table: ``sideman settings --knobs`` and the user's guide print it."""

from __future__ import annotations

from sideman.jam.knobs import CONTINUOUS, KNOBS, Knob
from sideman.music.sounds import NAMES, OF_STYLE
from sideman.service.settings import keys


def knobs() -> str:
    """The table as Markdown: name, page of the menu, setting, values, controller effect."""
    sweeps = {knob.key: name for name, knob in CONTINUOUS.items()}
    lines = ["| knob | menu page | setting | values | controller |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {k.name} | {k.page} | `{k.key}` | {_values(k)} | `{sweeps[k.key]}` |" for k in KNOBS]
    return "\n".join(lines)


def _values(knob: Knob) -> str:
    unit = keys()[knob.key].unit
    said = f" {unit}" if unit else ""
    if knob.key.endswith(".program"):
        own = "by style (-1), " if str(OF_STYLE) in knob.steps else ""
        return f"{own}{NAMES[0]} to {NAMES[-1]} (0-127)"
    if knob.key == "follow.commit_beats":
        return f"0 to the lookahead, step 1{said}"
    if not knob.ordered or len(knob.values) < 3:
        return (
            ", ".join(knob.values) if len(knob.values) < 20 else f"{', '.join(knob.values[:3])} ... {knob.values[-1]}"
        )
    step = float(knob.values[1]) - float(knob.values[0])
    return f"{knob.values[0]} to {knob.values[-1]}, step {step:g}{said}"

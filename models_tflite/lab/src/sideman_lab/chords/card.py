"""The chord model's card: one section for each set and commit, rewritten by ``evaluate chords --card``."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

from sideman.models.library import read_manifest

from sideman_lab.metrics import failures, table
from sideman_lab.packaging import cards_folder

if TYPE_CHECKING:
    from pathlib import Path

    from sideman_lab.chords.evaluate import Outcome

HEAD = """# chords

A net that hears a melody frame by frame (16ths) and says, in one pass, which of 36 triads stands under it now, up to
eight beats ahead and up to four beats ago, where the chord will change and which pitch classes the melody will use.
Dense 128, two GRUs of {state}, three heads: {parameters:,} parameters, {bytes:,} bytes, int8 weights with float
activations, state in and out; checksum `{sha}`. It never hears its own chords. A Viterbi decoder over the strong beats
turns this into chords (`firmware_py/sideman/models/chord_decoder.py`).

- **Trained on** {trained}, {steps:,} steps of 24 crops of 256 frames on one thread. The songs of the validation side
  (a tenth, by a hash of the id) were kept apart, and the decoder's weights were tuned on them: their figures below are
  optimistic for that reason. OpenEWLD and Nottingham were used for nothing but the figures.
- **Rights class** {rights}: the publisher's MIT licence covers the transcriptions, not the songs.
  **Licence of the weights** {licence}.
- **For** the comper and the bassist of a jam, any meter. **Not for** jazz harmony (it names triads) and not a judge of
  what is right: many chords fit a tune.

`NiC` note-in-chord, `SNiC` the same on strong beats with an onset, both only where melody and chord sound. A chord that
sounds from frame t is decided with melody before t less the commit. Whole empty bars before the first note are left
out (the player's first note starts the phrase); before anything is heard the model is silent. A NiC figure counts only
where the anti-gaming rule is kept; `!` marks what breaks it.
"""


def write(outcome: Outcome, name: str, commit: int) -> Path:
    """Rewrite one section of the card, and its picture where matplotlib is installed.

    Args:
        outcome: What the evaluation found.
        name: Name of the set.
        commit: Quarters fixed ahead.

    Returns:
        The card.
    """
    from sideman_lab.chords.evaluate import rule_table

    folder = cards_folder()
    folder.mkdir(exist_ok=True)
    card = folder / "chords.md"
    sections = _sections(card)
    missed = failures(outcome.metrics)
    picture = ""
    if importlib.util.find_spec("matplotlib") is not None and commit == 0:
        from sideman_lab.chords.pictures import draw

        draw(folder / f"chords-{name}.png", outcome)
    if commit == 0 and (folder / f"chords-{name}.png").exists():
        picture = f"\n![Melody, written chords and ours; note-in-chord by beat](chords-{name}.png)\n"
    body = [
        (
            f"`sideman-lab evaluate chords --pieces {name}.jsonl --commit {commit} --card`: "
            f"{len(outcome.pieces)} pieces, first 256 frames, {outcome.runtime}."
        ),
        table(outcome.metrics, markdown=True),
        f"```text\n{rule_table(outcome)}\n```",
        "Missed: " + ("; ".join(missed) if missed else "nothing."),
    ]
    sections[f"{name}, commit {commit}"] = "\n\n".join(body) + "\n" + picture
    entry = read_manifest()["chords"]
    head = HEAD.format(
        state=entry.inputs["h1_in"][0][1],
        parameters=int(entry.extra.get("parameters", 0)),
        bytes=entry.bytes,
        sha=entry.sha256[:12],
        steps=int(entry.extra.get("training_steps", 0)),
        trained=", ".join(f"`{name}`" for name in entry.trained_on),
        rights=entry.rights_class,
        licence=entry.licence,
    )
    text = head + "".join(f"\n## {title}\n\n{content.strip()}\n" for title, content in sorted(sections.items()))
    card.write_text(text, encoding="utf-8")
    return card


def _sections(card: Path) -> dict[str, str]:
    if not card.exists():
        return {}
    parts = re.split(r"^## (.+)$", card.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {title: content for title, content in zip(parts[1::2], parts[2::2], strict=True) if ", commit " in title}

"""Effects asked for by name: a mapped key, controller, program change or OSC message does what its word means here."""

from __future__ import annotations

from sideman.jam.core import Jam
from sideman.jam.effects import EFFECTS, perform
from sideman.jam.knobs import turn_of
from sideman.jam.settle import turn
from sideman.jam.table import Gesture, cell

MEANT: dict[str, tuple[str, ...]] = {
    "listen": ("arm", "listen_over", "follow_again", "forget_harmony"),
    "commit": ("commit", "commit_over", "hold_form"),
    "start": ("start", "disarm_start", "commit_start", "enter"),
    "silence": ("silence", "cancel_start"),
    "menu": ("menu", "menu_leave"),
    "undo": ("undo", "undo_redo", "discard"),
    "redo": ("redo", "undo_redo"),
}
"""A word and the effects it may stand for, the first that the state's row of the table holds."""
ALIASES = {"play": "start", "stop": "silence", "arm": "listen"}


def perform_named(jam: Jam, name: str) -> None:
    """Do what a name means in this state, or turn a knob; refused where the table has no such effect."""
    wanted = turn_of(name)
    if wanted is not None:
        turn(jam, wanted)
        return
    name = ALIASES.get(name, name)
    if name not in EFFECTS and name not in MEANT:
        jam.say(f"NO EFFECT {name[:10].upper()}", refused=True)
        return
    if name in ("undo", "redo") and not (jam.session.undo if name == "undo" else jam.session.redo):
        perform(jam, name)  # says that there is nothing
        return
    if name == "silence" and jam.playing:
        perform(jam, name)  # whatever else the row calls it
        return
    state, mode = jam.session.state, jam.options.mode
    for meant in MEANT.get(name, (name,)):
        for gesture in Gesture:
            effects = cell(mode, state, gesture).effects
            if meant in effects:
                for one in effects:
                    perform(jam, name if one == "undo_redo" else one)
                return
    jam.say("NOT NOW", refused=True)

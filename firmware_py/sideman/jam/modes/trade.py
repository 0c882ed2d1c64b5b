"""``trade``: the committed phrase becomes a form; the soloist answers for its length, then rests as long (VM7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.jam.modes.base import Mode
from sideman.jam.states import Ear

if TYPE_CHECKING:
    from sideman.jam.core import Jam


class Trade(Mode):
    """Turn about: ME for the length of the phrase, YOU for as long, while drums, bass and chords go on."""

    name = "trade"

    def solo_at(self, jam: Jam, frame: int) -> bool:
        """The soloist has the even cycles of the form; while the player is recording, none."""
        material = jam.session.material
        if material is None or not material.frames or jam.session.ear is Ear.LISTENING:
            return False
        return (frame - jam.session.origin) // material.frames % 2 == 0

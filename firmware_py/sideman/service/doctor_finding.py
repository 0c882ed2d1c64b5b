"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's.

    Attributes:
        name: What was looked at.
        state: ``ok``; ``note`` = the box plays without it; ``bad`` = it cannot play.
        found: What was found.
        advice: What to do, empty when nothing needs doing.
    """

    name: str
    state: Literal["ok", "note", "bad"]
    found: str
    advice: str = ""

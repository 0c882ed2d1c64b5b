"""A front that keeps everything it is shown: for fast jams, pictures and tests."""

from __future__ import annotations

from sideman.jam.cues import Shown, Status


class CapturedFront:
    """Implements ``ports.Front`` in memory."""

    def __init__(self) -> None:
        self.items: list[Shown] = []

    def show(self, item: Shown) -> None:
        """Keep one item."""
        self.items.append(item)

    @property
    def statuses(self) -> list[Status]:
        """The snapshots alone, in order."""
        return [item for item in self.items if isinstance(item, Status)]

"""Every note-on is followed by its note-off: what sounds now, and how to end it."""

from __future__ import annotations


class Sounding:
    """Notes that sound, by part; each with a serial so that only its own note-off ends it."""

    def __init__(self) -> None:
        self._serial = 0
        self._notes: dict[tuple[str, int, int], tuple[int, str]] = {}

    def start(self, part: str, channel: int, pitch: int, source: str = "") -> int:
        """Remember a note-on; returns the serial its note-off must show."""
        self._serial += 1
        self._notes[(part, channel, pitch)] = (self._serial, source)
        return self._serial

    def is_on(self, part: str, channel: int, pitch: int) -> bool:
        """Whether that note sounds."""
        return (part, channel, pitch) in self._notes

    def end(self, part: str, channel: int, pitch: int, serial: int | None = None) -> bool:
        """Forget a note; False when it does not sound or was struck again since ``serial``."""
        found = self._notes.get((part, channel, pitch))
        if found is None or (serial is not None and found[0] != serial):
            return False
        del self._notes[(part, channel, pitch)]
        return True

    def of(self, *parts: str, source: str | None = None) -> list[tuple[str, int, int]]:
        """Sounding (part, channel, pitch) of some parts (all if none is named), of one instrument if asked."""
        return [
            key
            for key, (_, origin) in self._notes.items()
            if (not parts or key[0] in parts) and (source is None or origin == source)
        ]

    def __len__(self) -> int:
        return len(self._notes)

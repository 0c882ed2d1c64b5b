"""What sounded, on the jam's ticks: the material of the take."""

from __future__ import annotations

from dataclasses import dataclass, field

from sideman.music.chords import parse_chord

MAX_NOTES = 200_000
"""About three hours of a whole band without a rest; what comes after that is not in the take."""
PLAYED = ("player", "pads")
"""What the player plays: his instrument, and drum pads (MIDI channel 10)."""


@dataclass(slots=True)
class Recorded:
    """A note that sounded. Band notes carry ticks; the player's carry nanoseconds until the take is made."""

    part: str
    pitch: int
    velocity: int
    on: int
    off: int | None = None


@dataclass(slots=True)
class Recorder:
    """Collects the band's notes by due tick, the player's by time, and the markers."""

    band: list[Recorded] = field(default_factory=list)
    player: list[Recorded] = field(default_factory=list)
    markers: list[tuple[int, str]] = field(default_factory=list)
    spans: list[tuple[int, str]] = field(default_factory=list)
    chords: list[tuple[int, int, str]] = field(default_factory=list)
    meters: list[tuple[int, str]] = field(default_factory=list)
    chord: str = ""
    _open: dict[tuple[str, int], Recorded] = field(default_factory=dict)

    def note_on(self, part: str, pitch: int, velocity: int, at: int) -> None:
        """A note starts: ticks for the band, nanoseconds for the player. The same pitch struck again ends its first."""
        self.note_off(part, pitch, at)
        if len(self.band) + len(self.player) >= MAX_NOTES:
            return
        note = Recorded(part, pitch, velocity, at)
        (self.player if part in PLAYED else self.band).append(note)
        self._open[(part, pitch)] = note

    def note_off(self, part: str, pitch: int, at: int) -> None:
        """A note ends."""
        note = self._open.pop((part, pitch), None)
        if note is not None:
            note.off = max(at, note.on)

    def harmony(self, frame: int, label: str) -> None:
        """The chord that sounds in a frame (16th), empty for none; one that goes on keeps its spelling."""
        if label and self.chord and label != self.chord and parse_chord(label) == parse_chord(self.chord):
            label = self.chord
        if label and self.chords and self.chord == label and self.chords[-1][0] + self.chords[-1][1] == frame:
            self.chords[-1] = (self.chords[-1][0], self.chords[-1][1] + 1, label)
        elif label:
            self.chords.append((frame, 1, label))
        self.chord = label

    def mark(self, ns: int, text: str) -> None:
        """A marker of the take: listen, commit, play ..."""
        self.markers.append((ns, text))

    def state(self, ns: int, state: str) -> None:
        """The box entered a state."""
        if not self.spans or self.spans[-1][1] != state:
            self.spans.append((ns, state))

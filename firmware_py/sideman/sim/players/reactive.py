"""A player who listens: the melody net chooses each pitch when it is struck, under the chord that the box shows then.

GAPT's learned agent (ICLR 2026) with our own net. What it plays depends on the chords, the chords on what it plays:
a closed loop. It reads the chords as a player reads them, from what the box shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.jam.cues import PlanShown, Shown, Status
from sideman.jam.events import Event
from sideman.jam.timeline import LEAD_TICKS
from sideman.music.chords import parse_chord
from sideman.music.meter import FRAME_TICKS
from sideman.sim.players.base import Act, Intent
from sideman.sim.players.hands import Hands, Pulse

if TYPE_CHECKING:
    from sideman.models.melody import MelodyNet, State
    from sideman.music.chords import Chord
    from sideman.sim.players.tunes import Tune

_SURE = 1 - LEAD_TICKS / FRAME_TICKS
"""A plan is shown when the next frame is decided, so far into the frame under way."""
_AHEAD_NS = 60_000_000
"""A hand makes up its mind this long before the key goes down, which is where the waver has its room."""


class Sheet:
    """The chords as the box showed them last."""

    def __init__(self) -> None:
        self._shown: PlanShown | None = None
        self._frame_ns = 0.0

    def see(self, item: Shown) -> None:
        """Take what bears on the harmony."""
        if isinstance(item, PlanShown) and item.chords:
            self._shown = item
        elif isinstance(item, Status) and item.quarter_ns:
            self._frame_ns = item.quarter_ns / 4

    def chords(self, ns: int) -> tuple[Chord | None, Chord | None, int]:
        """The chord of a moment, the next one, and the ticks in between; as far as they were shown."""
        shown = self._shown
        if shown is None or not self._frame_ns:
            return None, None, 0
        frame = shown.frame + _SURE + (ns - shown.ns) / self._frame_ns
        now, after, ticks = None, None, 0
        for onset, frames, label, _, _ in shown.chords:
            if onset <= frame + 0.25 < onset + frames:
                now = parse_chord(label)
            elif onset > frame and after is None:
                after, ticks = parse_chord(label), round((onset - frame) * FRAME_TICKS)
        return now, after, ticks


class Reactive(Hands):
    """Plays the rhythm of a tune; its pitches are the melody net's.

    Args:
        name: Its name.
        tune: Whose rhythm, first pitch and scale it takes.
        pulse: How steadily.
        seed: Of the waver and the net's dice.
        counts: As of any hands.
        net: The net; None loads the package's own.
    """

    def __init__(
        self, name: str, tune: Tune, pulse: Pulse, seed: int, *, counts: bool = True, net: MelodyNet | None = None
    ) -> None:
        from sideman.models.melody import Options  # noqa: PLC0415 - NumPy only where the net plays
        from sideman.models.sampling import generator  # noqa: PLC0415 - as above

        super().__init__(name, tune, pulse, seed, counts=counts)
        self._net = net or _shipped()
        self._dice = generator(seed, "reactive player")
        self._options = Options()
        self._sheet = Sheet()
        self._state: State = self._net.start()
        self._line = [tune.melody[0][2]]
        self._scale = frozenset(p % 12 for _, _, p in tune.melody)
        self._next = 0

    def begin(self, ns: int) -> int:
        """As any hands; the harmony is the box's."""
        first = super().begin(ns)
        self.intent = Intent(marks=self.intent.marks)
        return first

    def see(self, item: Shown) -> None:
        """Read the chords."""
        self._sheet.see(item)

    def act(self, ns: int) -> Act:
        """The foot first, then one note at a time."""
        events: tuple[Event, ...]
        if self._next == 0:
            events = self.feet()
        else:
            onset, length, _ = self.tune.melody[self._next - 1]
            events = self.note(onset, length, self._pitch(onset, length))
        self._next += 1
        if self._next > len(self.tune.melody):
            return Act(events)
        return Act(events, max(ns + 1, self.at(self.tune.melody[self._next - 1][0]) - _AHEAD_NS))

    def _pitch(self, onset: float, length: float) -> int:
        from sideman.models.melody import NoteContext  # noqa: PLC0415 - as above
        from sideman.models.melody_rules import Place, terms  # noqa: PLC0415 - as above
        from sideman.models.sampling import sample  # noqa: PLC0415 - as above

        tick, duration, meter = round(onset * FRAME_TICKS), round(length * FRAME_TICKS), self.tune.meter
        chord, after, ticks = self._sheet.chords(self.at(onset))
        context = NoteContext(tick, meter, duration, chord, after, ticks)
        self._state, logp = self._net.step(self._state, context)
        place = Place(self._line, False, False, 70.0, None, frozenset(), self._scale)
        choice = sample(logp + terms(context, place, self._options), self._dice, self._options.temperature)
        pitch = min(127, max(0, self._line[-1] + choice - 12))
        self._line = [*self._line[-4:], pitch]
        self._state = self._net.sounded(self._state, tick, duration, pitch, meter)
        return pitch


def _shipped() -> MelodyNet:
    from sideman.models import library  # noqa: PLC0415 - as above
    from sideman.models.melody import MelodyNet  # noqa: PLC0415 - as above

    return MelodyNet(library.load("melody"))

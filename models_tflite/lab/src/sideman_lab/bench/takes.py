"""One jam of a simulated player with the whole program, and what the bench keeps of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman.band.ensemble import Ensemble
from sideman.jam.cues import PlanShown
from sideman.jam.options import setting_keys
from sideman.music.chords import NO_CHORD, parse_chord, triad_index
from sideman.music.meter import FRAME_TICKS
from sideman.service.jam_run import JamRun, play_player
from sideman.service.settings import Settings
from sideman.service.take import take_of
from sideman.sim.players.cast import CAST, of_piece
from sideman_lab.chords.piece import FramedPiece

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sideman.band.messages import Ask, Plan
    from sideman.sim.players.base import Player

    Ints = NDArray[np.int64]

DEFAULTS: tuple[tuple[str, Any], ...] = (("jam.mode", "follow"),)
"""The bench's settings: all others are the box's own."""


@dataclass(frozen=True)
class Spec:
    """Which jam to play.

    Attributes:
        player: Name in the cast; any other name for a given piece.
        seed: The player's.
        settings: Keys and values that differ from the bench's.
        piece: A piece of the common form, played by steady hands.
    """

    player: str
    seed: int = 1
    settings: tuple[tuple[str, Any], ...] = ()
    piece: dict[str, Any] | None = None

    def make(self) -> Player:
        """The player, fresh."""
        return of_piece(self.piece, self.seed) if self.piece is not None else CAST[self.player](self.seed)


@dataclass(frozen=True)
class Take:
    """What a jam left, on the box's own frames.

    Attributes:
        spec: Which jam it was.
        piece: What the player played and meant; row 0 is its first frame.
        played: Triad class of the chord that sounded in each row, NO_CHORD before the band came in.
        entry: Row at which the band came in; the length of the piece if it never did.
        announced: (row, row spoken of, triad class, committed) of every chord frame that was shown ahead.
        marks: (row, name) of what happened to the music.
        hung: Notes that never ended.
        late_plans: Plans that came too late.
        past: Cues that were sent before their moment or planned for a moment gone by.
        bpm: Tempo as the box found it.
        seconds: Length of the jam.
        wall_s: How long it took.
        answer_ms: Processor time of each plan: what other programs do does not count.
        answer_wall_ms: The same by the clock on the wall.
        by_rules: Share of plans whose chords were the rules'.
    """

    spec: Spec
    piece: FramedPiece
    played: Ints
    entry: int
    announced: Ints
    marks: tuple[tuple[int, str], ...]
    hung: int
    late_plans: int
    past: int
    bpm: float
    seconds: float
    wall_s: float
    answer_ms: tuple[float, ...] = ()
    answer_wall_ms: tuple[float, ...] = ()
    by_rules: float = 0.0


class TimedBand(Ensemble):
    """The band, with a watch on how long each answer takes."""

    def __init__(self) -> None:
        super().__init__(None)
        self.ms: list[float] = []
        self.wall_ms: list[float] = []
        self.rules = 0

    def answer(self, ask: Ask, *, early: Callable[[Plan], None] | None = None) -> Plan:
        """A plan for one ask."""
        began, spent = time.perf_counter(), time.thread_time()
        plan = super().answer(ask, early=early)
        if ask.phrase is not None:  # a phrase is harmonised at leisure, nobody waits for it
            return plan
        self.ms.append((time.thread_time() - spent) * 1e3)
        self.wall_ms.append((time.perf_counter() - began) * 1e3)
        self.rules += bool(plan.chords) and dict(plan.sources).get("chords") == "rules"
        return plan


class Lines:
    """A journal in memory, as records."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def write(self, record: dict[str, Any]) -> None:
        """Keep one record."""
        self.records.append(record)


@lru_cache(maxsize=1)
def band() -> TimedBand:
    """This process's band; its models are loaded once."""
    return TimedBand()


def settings_of(spec: Spec) -> Settings:
    """The box's settings for a jam.

    Raises:
        SettingsError: There is no such setting or value.
    """
    return Settings().with_values(dict((*DEFAULTS, *spec.settings)))


def play(spec: Spec, look: Callable[[JamRun, Player], None] | None = None) -> Take:
    """Play one jam.

    Args:
        spec: Which.
        look: Called with the jam when it is over, for pictures and the like.
    """
    player, journal, timed = spec.make(), Lines(), band()
    timed.ms.clear()
    timed.wall_ms.clear()
    timed.rules = 0
    settings = settings_of(spec)
    journal.write({"log": 1, "settings": {key: settings.plain(key) for key in setting_keys()}})
    run = play_player(settings, player, journal, band=timed)
    if look is not None:
        look(run, player)
    by_rules = timed.rules / max(1, len(timed.ms))
    return replace(
        taken(spec, run, player), by_rules=by_rules, answer_ms=tuple(timed.ms), answer_wall_ms=tuple(timed.wall_ms)
    )


def taken(spec: Spec, run: JamRun, player: Player) -> Take:
    """What the bench keeps of a jam."""
    jam = run.conductor.jam
    line = jam.timeline
    zero = line.bar_zero // FRAME_TICKS
    notes = sorted(
        (_frame(on) - zero, max(_frame(on + length), _frame(on) + 1) - zero, pitch)
        for on, length, pitch, _ in take_of(jam).parts["player"].notes
    )
    first = min([0, *(n[0] for n in notes)])
    length = max([line.meter.bar_frames, *(n[1] for n in notes)]) - first
    pitch, struck = np.zeros(length, np.int64), np.zeros(length, bool)
    for onset, end, key in notes:
        pitch[onset - first : end - first] = key
        struck[onset - first] = True
    human, tones = np.full(length, NO_CHORD, np.int64), np.zeros(length, np.int64)
    for begin, end, label in player.intent.chords:
        chord = parse_chord(label)
        rows = slice(max(0, _frame(line.tick(begin)) - zero - first), max(0, _frame(line.tick(end)) - zero - first))
        human[rows] = triad_index(chord)
        tones[rows] = len(chord.pitch_classes) if chord else 0
    played = np.full(length, NO_CHORD, np.int64)
    for onset, frames, label in jam.recorder.chords:
        rows = slice(max(0, onset - zero - first), max(0, onset + frames - zero - first))
        played[rows] = triad_index(parse_chord(label))
    sounding = np.flatnonzero(played < NO_CHORD)
    return Take(
        spec,
        FramedPiece(player.name, line.meter, first, pitch, struck, human, tones, 0),
        played,
        int(sounding[0]) if len(sounding) else length,
        _announced(run, zero + first, length),
        tuple((_frame(line.tick(ns)) - zero - first, name) for ns, name in player.intent.marks),
        len(run.out.hung()) + len(jam.sounding),
        jam.late_plans,
        sum(late < 0 for late in jam.lateness),
        line.tempo.bpm,
        (jam.now - run.start_ns) / 1e9,
        run.wall_s,
    )


def sliced(take: Take, start: int, end: int | None = None) -> FramedPiece:
    """The piece from one row to another."""
    piece, rows = take.piece, slice(start, end)
    return replace(
        piece,
        first=piece.first + start,
        pitch=piece.pitch[rows],
        struck=piece.struck[rows],
        human=piece.human[rows],
        human_tones=piece.human_tones[rows],
    )


def _frame(tick: int) -> int:
    """The frame nearest to a tick, halves up."""
    return (tick + FRAME_TICKS // 2) // FRAME_TICKS


def _announced(run: JamRun, zero: int, length: int) -> Ints:
    rows: list[tuple[int, int, int, int]] = []
    for item in run.front.items:
        if not isinstance(item, PlanShown):
            continue
        now = item.frame + 1 - zero
        for onset, frames, label, committed, _ in item.chords:
            triad = triad_index(parse_chord(label))
            rows += [
                (now, at - zero, triad, int(committed))
                for at in range(onset, onset + frames)
                if now <= at - zero < length
            ]
    return np.array(rows, np.int64).reshape(-1, 4)

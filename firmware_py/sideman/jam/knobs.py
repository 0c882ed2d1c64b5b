"""Every knob of the box in one table: its name, setting, values in order, and the menu page where a foot finds it.

The foot menu, mapped controllers, footswitches, program changes and the printed lists all read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sideman.jam.options import CLICKS, ENDINGS, FORMS, LINEUPS, MODES, PRESETS, STYLES, Options, text_of
from sideman.music.chords import NAMES, pitch_class
from sideman.music.scales import NAMES as SCALES
from sideman.music.sounds import CHOICES, OF_STYLE
from sideman.music.sounds import NAMES as SOUNDS

METERS = ("4/4", "3/4", "2/4", "6/8", "12/8", "5/4 3+2", "5/4 2+3", "7/8 2+2+3", "7/8 3+2+2", "9/8")
KEYS = ("auto", *(f"{n} {q}" for n in NAMES for q in ("maj", "min")))
SWITCHED = ("off", "on")
PAGES = ("jam", "chords", "follow", "sounds", "levels")
"""Pages of the foot menu in their order; ``follow`` is there in that mode only."""
BY_STYLE = str(OF_STYLE)
WORDS = ("up", "down", "next")
"""What a footswitch may do to a knob: one step, ending at the last value, or one step and round."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One knob.

    Attributes:
        name: As menu and pedals call it.
        key: The setting it turns.
        values: All its values in order, as texts of the settings; a controller's 0-127 is spread over them.
        page: Page of the foot menu.
        steps: The coarser values that a foot goes through; empty = all.
        ordered: Whether the values are numbers that rise.
    """

    name: str
    key: str
    values: tuple[str, ...]
    page: str
    steps: tuple[str, ...] = ()
    ordered: bool = True

    def now(self, options: Options) -> str:
        """The value that holds."""
        return text_of(options, self.key)

    def by_foot(self, options: Options) -> tuple[str, ...]:
        """The values a foot goes through now."""
        if self.key == "follow.commit_beats":
            return tuple(v for v in self.values if int(v) <= options.lookahead_beats)
        return self.steps or self.values

    def shown(self, text: str) -> str:
        """A value as the display says it."""
        if self.key.endswith(".program"):
            return "BY STYLE" if text == BY_STYLE else SOUNDS[int(text)].upper()
        return text.upper().replace("_", " ")

    def of_controller(self, value: int) -> str:
        """The value for a controller's 0-127."""
        return self.values[(value * (len(self.values) - 1) + 63) // 127]

    def allows(self, text: str) -> bool:
        """Whether a text is a value of this knob (between two steps is fine for a number)."""
        if text in self.values or text in self.steps or self.key == "jam.meter":  # a meter was read already
            return True
        if self.key == "jam.key":
            tonic, _, mode = text.partition(" ")
            return mode in ("maj", "min") and _is_tonic(tonic)
        if not self.ordered:
            return False
        try:
            return float(self.values[0]) <= float(text) <= float(self.values[-1])
        except ValueError:
            return False

    def stepped(self, options: Options, by: int, *, round_: bool) -> str:
        """The value one step on (``by`` 1) or back (-1) from what holds; ``round_`` = the last is before the first."""
        values, now = self.by_foot(options), self.now(options)
        if now in values:
            place = values.index(now) + by
            return values[place % len(values)] if round_ else values[min(max(place, 0), len(values) - 1)]
        if not self.ordered:
            return values[0 if by > 0 else -1]
        ordered = sorted(values, key=float)  # between two steps: the next one in that direction
        beyond = [v for v in ordered if (float(v) - float(now)) * by > 0]
        if beyond:
            return beyond[0] if by > 0 else beyond[-1]
        return ordered[0 if by > 0 else -1] if round_ else ordered[-1 if by > 0 else 0]


def _is_tonic(name: str) -> bool:
    try:
        pitch_class(name)
    except ValueError:
        return False
    return True


def _numbers(low: float, high: float, step: float) -> tuple[str, ...]:
    return tuple(f"{low + i * step:g}" for i in range(round((high - low) / step) + 1))


def _words(name: str, key: str, values: tuple[str, ...], page: str) -> Knob:
    return Knob(name, key, values, page, ordered=False)


def _sounds(part: str) -> tuple[str, ...]:
    """A foot comes to the style's own sound first; the player's own never changes by itself."""
    return (*(() if part == "player" else (BY_STYLE,)), *map(str, CHOICES[part]))


_LEVELS = _numbers(0, 127, 1)
_LEVEL_STEPS = (*_numbers(0, 120, 8), "127")

KNOBS: tuple[Knob, ...] = (
    _words("mode", "jam.mode", MODES, "jam"),
    _words("meter", "jam.meter", METERS, "jam"),
    _words("tempo", "tempo.mode", ("free", "fixed"), "jam"),
    Knob("bpm", "tempo.bpm", _numbers(30, 300, 1), "jam"),
    Knob("count-in", "tempo.count_in", ("0", "1", "2"), "jam"),
    _words("click", "click.on", SWITCHED, "jam"),
    _words("click every", "click.every", CLICKS, "jam"),
    _words("line-up", "jam.lineup", tuple(LINEUPS), "jam"),
    _words("key", "jam.key", KEYS, "jam"),
    _words("form", "chords.form", FORMS, "jam"),
    Knob("transpose", "jam.transpose", _numbers(-12, 12, 1), "jam"),
    _words("style", "jam.style", STYLES, "jam"),
    _words("ending", "jam.ending", ENDINGS, "jam"),
    Knob("variation", "jam.variation", _numbers(0, 1, 0.1), "chords", ("0", "0.25", "0.5", "0.75", "1")),
    Knob("preset", "chords.preset", tuple(PRESETS), "chords", ("plain", "rich", "wild"), ordered=False),
    Knob("temperature", "follow.temperature", _numbers(0, 3, 0.1), "chords", _numbers(0, 3, 0.2)),
    Knob("complexity", "chords.complexity", ("0", "1", "2", "3"), "chords"),
    Knob("chord rate", "chords.harmonic_rhythm", _numbers(0.25, 2, 0.25), "chords"),
    Knob("cadence", "chords.cadence", _numbers(0, 2, 0.1), "chords", _numbers(0, 2, 0.5)),
    Knob("key lock", "chords.key_lock", _numbers(0, 2, 0.1), "chords", _numbers(0, 2, 0.5)),
    _words("scale", "chords.scale", SCALES, "chords"),
    _words("incoming", "display.incoming", SWITCHED, "chords"),
    Knob("silence", "follow.silence_beats", _numbers(0, 16, 1), "follow"),
    Knob("lookahead", "follow.lookahead_beats", _numbers(1, 8, 1), "follow"),
    Knob("commit", "follow.commit_beats", _numbers(0, 8, 1), "follow"),
    _words("adaptive", "follow.adaptive_commit", SWITCHED, "follow"),
    _words("just in time", "follow.just_in_time", SWITCHED, "follow"),
    _words("break", "follow.surprise_break", SWITCHED, "follow"),
    *(
        Knob(f"sound {part}", f"parts.{part}.program", _numbers(0, 127, 1), "sounds", _sounds(part))
        for part in ("chords", "bass", "solo", "player")
    ),
    Knob("transpose in", "listen.transpose", _numbers(-24, 24, 1), "sounds"),
    Knob("level band", "levels.band", _LEVELS, "levels", _LEVEL_STEPS),
    *(
        Knob(f"level {part}", f"parts.{part}.level", _LEVELS, "levels", _LEVEL_STEPS)
        for part in ("drums", "bass", "chords", "solo", "player", "click")
    ),
)

BY_KEY = {knob.key: knob for knob in KNOBS}
BY_NAME = {knob.name: knob for knob in KNOBS}
CONTINUOUS = {(k.name if k.page == "levels" else f"knob {k.name}"): k for k in KNOBS}
"""Effects that follow a controller's value, and the knob each of them turns."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a pedal asks of a knob: a step (``up``, ``down``, ``next``) or, with ``set``, a value."""

    knob: Knob
    word: str
    value: str = ""


def turn_of(effect: str) -> Turn | None:
    """``temperature up``, ``key next`` or ``set preset wild`` understood; None when it is nothing of the kind."""
    name, _, word = effect.strip().rpartition(" ")
    if word in WORDS and name in BY_NAME:
        return Turn(BY_NAME[name], word)
    word, _, rest = effect.strip().partition(" ")
    if word != "set":
        return None
    for name in sorted(BY_NAME, key=len, reverse=True):
        knob, value = BY_NAME[name], rest.removeprefix(name).strip()
        if rest.startswith(f"{name} ") and knob.allows(value):
            return Turn(knob, word, value)
    return None

"""What the player chose, as the jam needs it: the part of the settings that the conductor obeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sideman.music.meter import TICKS_PER_QUARTER, Meter, parse_meter
from sideman.music.sounds import OF_STYLE
from sideman.music.tempo import clamp_bpm

ALL_PARTS = ("drums", "bass", "chords", "solo", "player", "click")
LINEUPS: dict[str, tuple[str, ...]] = {
    "all": ("drums", "bass", "chords", "solo"),
    "no_solo": ("drums", "bass", "chords"),
    "drums_bass": ("drums", "bass"),
    "drums": ("drums",),
}
BALANCES = ("auto", "on", "off")
ENDINGS = ("hit", "stop", "ritard")
MODES = ("trade", "follow")
CLICKS = ("beat", "16th")
FORMS = ("auto", "4", "8", "16", "32", "blues")
STYLES = (
    "rock", "latin", "jazz", "funk", "hiphop", "neworleans", "afrobeat", "pop", "soul", "dance", "afrocuban", "punk",
    "blues", "reggae", "country", "gospel", "middleeastern", "highlife",
)  # fmt: skip
"""Styles the drummer knows, commonest first."""
PRESETS: dict[str, dict[str, str]] = {
    "own": {},
    "plain": {
        "follow.temperature": "0.8",
        "chords.complexity": "1",
        "chords.key_lock": "1",
        "follow.adaptive_commit": "on",
        "follow.surprise_break": "on",
    },
    "rich": {
        "follow.temperature": "1.2",
        "chords.complexity": "2",
        "chords.key_lock": "0.6",
        "follow.adaptive_commit": "on",
        "follow.surprise_break": "on",
    },
    "wild": {
        "follow.temperature": "2",
        "chords.complexity": "3",
        "chords.key_lock": "0",
        "follow.adaptive_commit": "off",
        "follow.surprise_break": "on",
    },
}
"""What ``chords.preset`` sets (RJ13): ``plain``, the default, plays what people expect; ``own`` sets nothing."""


@dataclass(frozen=True, slots=True)
class PartOptions:
    """One part's way out: MIDI channel 0-15, program 0-127 (-1 = the style's own) and level 0-127."""

    channel: int
    program: int
    level: int
    mute: bool = False


DEFAULT_PARTS: dict[str, PartOptions] = {
    "drums": PartOptions(9, OF_STYLE, 100),
    "bass": PartOptions(1, OF_STYLE, 100),
    "chords": PartOptions(2, OF_STYLE, 100),
    "solo": PartOptions(3, OF_STYLE, 100),
    "player": PartOptions(0, 0, 100),
    "click": PartOptions(9, 0, 90),
}


@dataclass(frozen=True, slots=True)
class Options:
    """Plain values; times in milliseconds or seconds as their names say."""

    mode: str = "trade"
    meter: Meter = field(default_factory=Meter)
    seed: int = 1
    key: str = "auto"
    transpose: int = 0
    ending: str = "hit"
    lineup: str = "all"
    tempo_fixed: bool = False
    bpm: float = 100.0
    count_in: int = 0
    click: bool = False
    click_level: int = 80
    click_every: str = "beat"
    silence_beats: int = 8
    lookahead_beats: int = 4
    commit_beats: int = 4
    adaptive_commit: bool = True
    just_in_time: bool = True
    surprise_break: bool = True
    incoming: bool = True
    temperature: float = 0.8
    harmonic_rhythm: float = 1.0
    complexity: int = 1
    cadence: float = 1.0
    form: str = "auto"
    key_lock: float = 1.0
    scale: str = "auto"
    ghost_ms: float = 40.0
    ghost_velocity: int = 12
    heard_higher: int = 0
    band_level: int = 127
    balance: str = "auto"
    thru: bool = True
    style: str = "rock"
    variety: float = 0.5
    hold_s: float = 0.8
    double_s: float = 0.4
    pair_ms: float = 80.0
    parts: tuple[tuple[str, PartOptions], ...] = tuple(DEFAULT_PARTS.items())

    @property
    def quarter_bpm(self) -> float:
        """The fixed tempo in quarters a minute (``bpm`` counts the meter's beats)."""
        return clamp_bpm(self.bpm * self.meter.beat_ticks / TICKS_PER_QUARTER)

    def part(self, name: str) -> PartOptions:
        """Options of one part."""
        for each, own in self.parts:  # quicker than a dict made for every note
            if each == name:
                return own
        raise KeyError(name)


def _flag(text: str) -> bool:
    return text.strip().lower() in ("true", "on", "yes", "1")


_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "jam.mode": ("mode", str),
    "jam.meter": ("meter", parse_meter),
    "jam.seed": ("seed", int),
    "jam.key": ("key", str),
    "jam.transpose": ("transpose", int),
    "jam.ending": ("ending", str),
    "jam.lineup": ("lineup", str),
    "jam.style": ("style", str),
    "jam.variation": ("variety", float),
    "tempo.mode": ("tempo_fixed", lambda text: text.strip() == "fixed"),
    "tempo.bpm": ("bpm", lambda text: clamp_bpm(float(text))),
    "tempo.count_in": ("count_in", int),
    "click.on": ("click", _flag),
    "click.level": ("click_level", int),
    "click.every": ("click_every", str),
    "follow.silence_beats": ("silence_beats", int),
    "follow.lookahead_beats": ("lookahead_beats", int),
    "follow.commit_beats": ("commit_beats", int),
    "follow.adaptive_commit": ("adaptive_commit", _flag),
    "follow.just_in_time": ("just_in_time", _flag),
    "follow.surprise_break": ("surprise_break", _flag),
    "follow.temperature": ("temperature", float),
    "chords.harmonic_rhythm": ("harmonic_rhythm", float),
    "chords.complexity": ("complexity", int),
    "chords.cadence": ("cadence", float),
    "chords.form": ("form", str),
    "chords.key_lock": ("key_lock", float),
    "chords.scale": ("scale", str),
    "display.incoming": ("incoming", _flag),
    "listen.ghost_ms": ("ghost_ms", float),
    "listen.ghost_velocity": ("ghost_velocity", int),
    "listen.transpose": ("heard_higher", int),
    "levels.band": ("band_level", int),
    "levels.balance": ("balance", str),
    "midi.thru": ("thru", lambda text: text.strip().lower() in ("auto", "on", "true")),
    "pedal.hold_s": ("hold_s", float),
    "pedal.double_s": ("double_s", float),
    "pedal.pair_ms": ("pair_ms", float),
}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def text_of(options: Options, key: str) -> str:
    """The value of a dotted key as menu and pedals say it: numbers without idle zeros, ``on`` and ``off``.

    Raises:
        KeyError: The jam does not know the key.
    """
    if key == "tempo.mode":
        return "fixed" if options.tempo_fixed else "free"
    if key == "chords.preset":
        return preset_of(options)
    if key in ("jam.meter", "tempo.bpm"):
        meter = options.meter
        uneven = len(set(meter.grouping)) > 1
        full = f"{meter} {'+'.join(map(str, meter.grouping))}" if uneven else str(meter)
        return full if key == "jam.meter" else str(round(clamp_bpm(options.bpm)))
    if key in _FIELDS:
        return _text(getattr(options, _FIELDS[key][0]))
    _, part, what = key.split(".")
    value = getattr(options.part(part), what)
    return _text(value + 1 if what == "channel" else value)


def preset_of(options: Options) -> str:
    """The preset whose every knob stands as it says, else ``own``."""
    return next((n for n, turned in PRESETS.items() if turned and _stand(options, turned)), "own")


def _stand(options: Options, turned: dict[str, str]) -> bool:
    return all(text_of(options, key) == text for key, text in turned.items())


def with_setting(options: Options, key: str, text: str) -> Options:
    """Options after a setting changed.

    Args:
        options: What holds now.
        key: Dotted key of the settings file; keys the jam does not know change nothing.
        text: The value as written in the file, without quotes.

    Raises:
        ValueError: The value cannot be read (edges check values first; this is the last guard).
    """
    if key == "chords.preset":
        if text not in PRESETS:
            raise ValueError(text)
        for each, value in PRESETS[text].items():
            options = with_setting(options, each, value)
        return options
    if key in _FIELDS:
        name, read = _FIELDS[key]
        return replace(options, **{name: read(text)})
    section, _, rest = key.partition(".")
    part, _, what = rest.partition(".")
    if section != "parts" or part not in ALL_PARTS:
        return options
    old = options.part(part)
    values: dict[str, Any] = {
        "channel": lambda: int(text) - 1,
        "program": lambda: int(text),
        "level": lambda: int(text),
        "mute": lambda: _flag(text),
    }
    if what not in values:
        return options
    new = replace(old, **{what: values[what]()})
    return replace(options, parts=tuple((n, new if n == part else p) for n, p in options.parts))


def setting_keys() -> tuple[str, ...]:
    """Every dotted key that :func:`with_setting` knows, the preset first: what it sets may be turned on."""
    parts = [f"parts.{part}.{what}" for part in ALL_PARTS for what in ("channel", "program", "level", "mute")]
    return ("chords.preset", *_FIELDS, *parts)

"""Every section and key of the settings file, with default, unit and limits beside each field."""

from __future__ import annotations

from dataclasses import dataclass

from sideman.jam.options import BALANCES, CLICKS, FORMS, PRESETS, STYLES
from sideman.music.scales import NAMES as SCALES
from sideman.service import settings_checks as checks
from sideman.service.pin_table import HEADER, pin_table
from sideman.service.settings_checks import MidiMap
from sideman.service.settings_keys import setting

_PIN = (-1, 27)
_TABLE = pin_table()


def _pin(name: str) -> str:
    return f"header pin {HEADER[_TABLE.signals[name]]}"


def _extra(name: str) -> str:
    line, _contact = _TABLE.extra[name]
    return f"{line} (header pin {HEADER[line]})"


@dataclass(frozen=True, slots=True)
class Jam:
    """What the foot menu changes first."""

    mode: str = setting(
        "trade",
        "What the box does with what it hears: trade harmonises a committed phrase and answers it, follow plays along.",
        choices=("trade", "follow"),
    )
    meter: str = setting(
        "4/4", "Meter, with its grouping where uneven: 4/4, 6/8, 7/8 2+2+3.", check=checks.meter, words="a meter"
    )
    key: str = setting(
        "auto", "Key, A min or Bb maj; auto = found from the playing.", check=checks.musical_key, words="auto or a key"
    )
    transpose: int = setting(0, "The band plays this much higher.", unit="semitones", limits=(-12, 12))
    lineup: str = setting(
        "all",
        "Who plays: all = drums, bass, chords, solo; no_solo; drums_bass; drums.",
        choices=("all", "no_solo", "drums_bass", "drums"),
    )
    ending: str = setting(
        "hit",
        "How a song ends: hit = on the final downbeat, ringing; stop = nothing on the downbeat; ritard = slowing.",
        choices=("hit", "stop", "ritard"),
    )
    style: str = setting("rock", "Style of drums and comping.", choices=STYLES)
    variation: float = setting(
        0.5,
        "How far each chorus differs from the first in bass, comping and drums; 0 = none, to practise.",
        limits=(0, 1),
        step=0.1,
    )
    seed: int = setting(1, "Every random choice derives from it: same events, same music.", limits=(0, 2_147_483_647))


@dataclass(frozen=True, slots=True)
class Tempo:
    """Where the tempo comes from."""

    mode: str = setting(
        "free",
        "free = found from the phrase or tapped; fixed = the value of tempo.bpm.",
        choices=("free", "fixed"),
    )
    bpm: float = setting(
        96.0, "Tempo while tempo.mode is fixed (dotted quarters in 6/8, 9/8, 12/8).", unit="BPM", limits=(30, 300)
    )
    count_in: int = setting(0, "Bars counted in before the band starts.", unit="bars", limits=(0, 2))


@dataclass(frozen=True, slots=True)
class Click:
    """The metronome (its channel and sound: parts.click)."""

    on: bool = setting(default=False, doc="Whether a click sounds while listening and playing.")
    level: int = setting(80, "Velocity of the click; the bar line is accented.", limits=(1, 127), step=8)
    every: str = setting(
        "beat", "How often it clicks: every beat, or every 16th with softer ones between.", choices=CLICKS
    )


@dataclass(frozen=True, slots=True)
class Follow:
    """How follow mode listens and plans."""

    silence_beats: int = setting(8, "How long it only listens before it joins in.", unit="beats", limits=(0, 16))
    lookahead_beats: int = setting(4, "How far ahead the band plans.", unit="beats", limits=(1, 8))
    commit_beats: int = setting(
        4,
        "How much of the plan no longer changes; less = it follows faster, 0 = chords may change under you. "
        "At most follow.lookahead_beats.",
        unit="beats",
        limits=(0, 8),
    )
    adaptive_commit: bool = setting(
        default=True, doc="Commit less while the key is open, up to follow.commit_beats when the band is sure."
    )
    just_in_time: bool = setting(
        default=True, doc="With little committed, a strong beat's chord waits for your own note (30 ms at most)."
    )
    surprise_break: bool = setting(
        default=True, doc="What is committed is dropped from the next half-bar on when your playing contradicts it."
    )
    temperature: float = setting(
        0.8, "0 = the likeliest choice always, more = bolder chords, solo and drums.", limits=(0, 3), step=0.1
    )


@dataclass(frozen=True, slots=True)
class Chords:
    """Which chords the band finds; your own always win."""

    preset: str = setting(
        "plain",
        "plain, rich or wild sets temperature, complexity, key lock and adaptivity at once; a key that stands in the "
        "file as well wins; own = nothing is set.",
        choices=tuple(PRESETS),
    )
    harmonic_rhythm: float = setting(1.0, "Chord changes wanted.", unit="a bar", limits=(0.25, 2), step=0.25)
    complexity: int = setting(
        1,
        "0 = triads, 1 = sevenths, 2 = suspensions and secondary dominants too, 3 = borrowed and tritone chords too.",
        limits=(0, 3),
    )
    cadence: float = setting(1.0, "How strongly the end of a form comes home; 0 = not at all.", limits=(0, 2), step=0.5)
    form: str = setting(
        "auto",
        "Bars after which the chords come round, blues = twelve bars of blues; auto = found from the playing.",
        choices=FORMS,
    )
    key_lock: float = setting(
        1.0, "How far chords keep to the tones of jam.key; 0 = not at all.", limits=(0, 2), step=0.5
    )
    scale: str = setting(
        "auto",
        "Scale that the chords keep to, on the tonic of jam.key (else on the one found); auto = no scale binds them.",
        choices=SCALES,
    )


@dataclass(frozen=True, slots=True)
class Display:
    """What the box shows of itself, on OLED and panel."""

    incoming: bool = setting(default=True, doc="Show the chords to come.")


@dataclass(frozen=True, slots=True)
class Listen:
    """What counts as a note of the player."""

    ghost_ms: float = setting(40.0, "A shorter first note does not start the phrase.", unit="ms", limits=(0, 500))
    ghost_velocity: int = setting(12, "Nor does one softer than this velocity.", limits=(0, 127))
    transpose: int = setting(
        0,
        "Your notes are heard and sound this much higher, but for drum pads: -2 for an instrument in Bb.",
        unit="semitones",
        limits=(-24, 24),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One musician's MIDI channel, sound and level (tables parts.drums, parts.bass, parts.chords ...)."""

    channel: int = setting(1, "MIDI channel; two parts on one channel share the first one's volume.", limits=(1, 16))
    program: int = setting(
        0,
        "General MIDI program, counted from 0; it stays whatever the style. -1 = the style's own, which changes with "
        "jam.style (for the player a grand piano).",
        limits=(-1, 127),
    )
    level: int = setting(
        100, "Volume; 100 = as the mix wants it, whatever the program (levels.balance).", limits=(0, 127), step=8
    )
    mute: bool = setting(default=False, doc="The part is silent.")


@dataclass(frozen=True, slots=True)
class Parts:
    """The band, the player and the click: channels, sounds and levels."""

    drums: Part = Part(10, -1, 100)
    bass: Part = Part(2, -1, 100)
    chords: Part = Part(3, -1, 100)
    solo: Part = Part(4, -1, 100)
    player: Part = Part(1, 0, 100)
    click: Part = Part(10, 0, 90)

    def named(self, name: str) -> Part:
        """The part of that name; KeyError when there is none."""
        if name not in self.__slots__:
            raise KeyError(name)
        part: Part = getattr(self, name)
        return part


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels over several parts."""

    band: int = setting(127, "Scales every part but the player; an expression pedal moves it.", limits=(0, 127), step=8)
    balance: str = setting(
        "auto",
        "on = volumes are evened out by the measured loudness of each program, parts have their places from left to "
        "right and their reverb; made for FluidSynth with the card's font. off = controller 7 is the level as it is, "
        "nothing else is sent: for synthesisers with a mix of their own. auto = on where the output is FluidSynth with "
        "that font.",
        choices=BALANCES,
    )


@dataclass(frozen=True, slots=True)
class Midi:
    """Ports. All inputs are heard at once, whatever their channel."""

    output: str = setting(
        "",
        "Part of the output port's name; empty = FluidSynth if it runs, else the first external port.",
    )
    virtual: bool = setting(default=True, doc="Offer ports named Sideman to other programs of this machine.")
    thru: str = setting(
        "auto",
        "Whether what you play goes to the output: auto = yes, except back to the device it came from.",
        choices=("auto", "on", "off"),
    )
    ignore: tuple[str, ...] = setting(
        ("Midi Through", "Timer", "Announce"),
        "Regular expressions; a port whose name one of them finds is left alone.",
        check=checks.patterns,
        words="a list of regular expressions",
    )
    map: tuple[MidiMap, ...] = setting(
        (),
        "Pedals that speak MIDI: [[midi.map]] tables with kind (cc, program, note), number, effect, "
        "and optionally channel (0 = any) and port (a regular expression). An expression pedal is kind cc with effect "
        "'level band'; knobs: 'knob temperature' (cc), 'temperature up', 'set preset wild' and the like.",
        kind="maps",
        check=checks.midi_maps,
    )


@dataclass(frozen=True, slots=True)
class Synth:
    """The box's own sound: FluidSynth, on the box's sound card. A change is heard after a restart of sideman-synth."""

    on: bool = setting(default=True, doc="Whether FluidSynth runs; false = external synthesisers only.")
    card: str = setting(
        "", "Part of the sound card's name; empty = a DAC board, else USB, else the headphone jack, else HDMI."
    )
    font: str = setting(
        "", "Sound font, a .sf2 or .sf3 file; empty = the best one of the system, the smallest below 1 GB of memory."
    )
    gain: float = setting(0.8, "Loudness; more than 1 may distort.", limits=(0.1, 5), step=0.1)
    frames: int = setting(
        256, "Sound is made in pieces of this many frames; fewer = faster and sooner broken.", limits=(64, 2048)
    )
    periods: int = setting(
        2, "So many pieces wait: 2 of 256 frames at 48 kHz are 10.7 ms from a note to the jack.", limits=(2, 16)
    )


@dataclass(frozen=True, slots=True)
class Pins:
    """GPIO lines by their BCM numbers, free beside I2C (2, 3) and I2S sound boards (18-21); -1 = not wired.

    The defaults are those of ``pins.toml``.
    """

    on: bool = setting(default=True, doc="Whether switches and LEDs on GPIO lines are used.")
    start: int = setting(_TABLE.switches["start"], f"START switch, to ground ({_pin('start')}).", limits=_PIN)
    stop: int = setting(_TABLE.switches["stop"], f"STOP switch, to ground ({_pin('stop')}).", limits=_PIN)
    play: int = setting(_TABLE.switches["play"], f"PLAY switch, to ground ({_pin('play')}).", limits=_PIN)
    tap: int = setting(-1, f"Optional TAP switch; the drawings have it on {_extra('tap')}.", limits=_PIN)
    next: int = setting(-1, f"Optional NEXT switch; the drawings have it on {_extra('next')}.", limits=_PIN)
    red: int = setting(_TABLE.leds["red"].line, f"Red LED, listening ({_pin('red')}).", limits=_PIN)
    amber: int = setting(_TABLE.leds["amber"].line, f"Amber LED, committed ({_pin('amber')}).", limits=_PIN)
    green: int = setting(_TABLE.leds["green"].line, f"Green LED, playing ({_pin('green')}).", limits=_PIN)
    active_low: bool = setting(default=True, doc="Switches close to ground (pull-ups on); false = to 3.3 V.")


@dataclass(frozen=True, slots=True)
class Pedal:
    """How a foot is read."""

    debounce_ms: float = setting(
        12.0, "A change must last this long; the stamp is the first contact's.", unit="ms", limits=(0, 100)
    )
    hold_s: float = setting(0.8, "A press this long is a hold.", unit="s", limits=(0.4, 3), step=0.1)
    double_s: float = setting(0.4, "Two presses within this are a double press.", unit="s", limits=(0.2, 1), step=0.1)
    pair_ms: float = setting(80.0, "Two switches within this are pressed together.", unit="ms", limits=(20, 300))
    stuck_s: float = setting(
        20.0, "A switch down this long is reported as stuck and ignored until it opens.", unit="s", limits=(5, 300)
    )
    expression: bool = setting(
        default=False, doc="Whether an expression pedal at the box's own jack is read (ADS1115)."
    )
    usb: bool = setting(default=True, doc="Whether USB pedals that pose as keyboards are read.")
    usb_keys: tuple[tuple[str, str], ...] = setting(
        (("a", "START"), ("b", "STOP"), ("c", "PLAY")),
        "Key of the USB pedal (Linux name without KEY_, small letters) and its switch or effect.",
        kind="table",
        words="a table of keys and switches or effects",
        check=checks.usb_keys,
    )


@dataclass(frozen=True, slots=True)
class Oled:
    """The display."""

    on: bool = setting(default=True, doc="Whether a display is looked for.")
    driver: str = setting("ssd1306", "Controller chip.", choices=("ssd1306", "sh1106", "ssd1309"))
    bus: int = setting(_TABLE.bus, "I2C bus: /dev/i2c-1 is the header's.", limits=(0, 31))
    address: int = setting(_TABLE.oled, "I2C address: 60 (0x3C) or 61 (0x3D).", limits=(8, 119))
    rotate: bool = setting(default=False, doc="Turn the picture by 180 degrees.")
    show_chords: bool = setting(default=True, doc="Show the chords to come.")


@dataclass(frozen=True, slots=True)
class Osc:
    """Messages for the stage and for other displays."""

    on: bool = setting(default=True, doc="Whether OSC is sent.")
    targets: tuple[str, ...] = setting(
        ("127.0.0.1:9000",), "Receivers, host:port each.", check=checks.targets, words="a list of host:port"
    )
    ofx_targets: tuple[str, ...] = setting(
        ("127.0.0.1:12344",),
        "Receivers of the addresses of ofxOscMidi, and of nothing else: existing scenes work unmodified; [] = none.",
        check=checks.targets,
        words="a list of host:port",
    )
    listen: int = setting(0, "UDP port on which presses, effects and settings are taken; 0 = none.", limits=(0, 65535))
    allow: tuple[str, ...] = setting(
        ("127.0.0.1",),
        "Addresses from which they are taken; while all are this machine's own, no other can reach the port.",
        check=checks.addresses,
        words="a list of IPv4 addresses",
    )


@dataclass(frozen=True, slots=True)
class Takes:
    """Where jams are kept."""

    on: bool = setting(default=True, doc="Whether every jam is kept.")
    folder: str = setting("", "Folder; empty = takes in $STATE_DIRECTORY (systemd), else in ~/.local/share/sideman.")
    max_takes: int = setting(200, "The oldest go when there are more.", limits=(1, 100000))
    max_mb: int = setting(200, "Or when they take more room.", unit="MB", limits=(1, 100000))
    lead_sheet: bool = setting(
        default=True, doc="Whether each take gets a lead sheet with chords for the whole melody, made after STOP."
    )


@dataclass(frozen=True, slots=True)
class Band:
    """The musicians' models."""

    models_folder: str = setting("", "Folder with a manifest.json and models; empty = those of the package.")


@dataclass(frozen=True, slots=True)
class Service:
    """The program itself."""

    realtime_priority: int = setting(70, "SCHED_FIFO priority of the clock; 0 = do not ask for it.", limits=(0, 95))
    log_level: str = setting("info", "How much is logged.", choices=("debug", "info", "warning", "error"))

"""Every OSC message the box sends and takes, as tables that the documentation prints: address, arguments, when."""

from __future__ import annotations

from dataclasses import dataclass

PORT = 9000
"""Default UDP port of receivers of our own schema."""
OFX_PORT = 12344
"""That of ofxOscMidi: existing scenes listen there and hear us without a change (VM10)."""


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: its name, OSC type (``i`` int32, ``f`` float32, ``s`` string) and meaning with unit."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Message:
    """One address. ``repeat`` arguments follow the fixed ones any number of times (also none)."""

    address: str
    when: str
    args: tuple[Arg, ...]
    repeat: tuple[Arg, ...] = ()


_HEAD = (
    Arg("box", "s", "name of the box: choose by it when several play"),
    Arg("seq", "i", "counts up by one a message, wraps at 2^31: finds lost and reordered packets"),
)
_DUE = Arg("due_s", "f", "seconds from the sending of this message to the moment; negative = late")

SCHEMA: tuple[Message, ...] = (
    Message(
        "/sideman/state",
        "when anything of it changes, else once a second",
        (
            *_HEAD,
            Arg("state", "s", "IDLE ARMED LISTENING COMMITTED COUNT-IN PLAYING LISTEN+PLAY ENDING MENU"),
            Arg("ear", "s", "off armed listening held"),
            Arg("band", "s", "none ready count_in playing ending"),
            Arg("mode", "s", "trade follow ..."),
            Arg("shown", "s", "the large word of the OLED"),
            Arg("detail", "s", "the line under it"),
            Arg("turn", "s", "YOU, ME or empty"),
            Arg("bars_left", "i", "bars until the turn changes, 0 = unknown"),
            Arg("countdown", "f", "beats left of the silence period, 0 = none"),
            Arg("countdown_of", "f", "its length in beats"),
            Arg("notice", "s", "a message for two seconds, or empty"),
            Arg("start", "s", "what START does now"),
            Arg("stop", "s", "what STOP does now"),
            Arg("play", "s", "what PLAY does now"),
            Arg("red", "s", "LED: off on dim blink fast beat slow twice"),
            Arg("amber", "s", "LED, the same words"),
            Arg("green", "s", "LED, the same words"),
            Arg("hold_switch", "s", "switch being held, or empty"),
            Arg("hold", "f", "how full its bar is, 0-1"),
            Arg("menu_item", "s", "item of the foot menu, or empty"),
            Arg("menu_value", "s", "its value"),
            Arg("page", "s", "status while the status page is shown, else empty"),
        ),
    ),
    Message(
        "/sideman/time",
        "when anything but the phase changes, else once a second",
        (
            *_HEAD,
            Arg("bpm", "f", "tempo, 0 = free"),
            Arg("confidence", "f", "how sure the tempo is, 0-1"),
            Arg("quarter_s", "f", "seconds a quarter, 0 = no time runs"),
            Arg("meter", "s", "such as 7/8 2+2+3"),
            Arg("beats_per_bar", "i", "beats shown in a bar"),
            Arg("bar", "i", "from 1, 0 = none"),
            Arg("beat", "i", "from 1, 0 = none"),
            Arg("phase", "f", "how much of the beat had passed, 0-1"),
            Arg("age_s", "f", "how long before the sending of this message that was so, in seconds"),
            Arg("bars", "i", "bars of the form, 0 = free"),
            Arg("key", "s", "such as A min, or empty"),
        ),
    ),
    Message(
        "/sideman/health",
        "when it changes, else once a second",
        (
            *_HEAD,
            Arg("instrument", "s", "connected instrument, or empty"),
            Arg("output", "s", "where the band sounds, or empty"),
            Arg("level", "i", "band level 0-127"),
            Arg("faults", "s", "devices in trouble, separated by '; '"),
            Arg("rules", "s", "parts that play without their model, separated by ', '"),
        ),
    ),
    Message(
        "/sideman/beat",
        "ahead of each beat",
        (
            *_HEAD,
            Arg("bar", "i", "bar of the jam, from 1"),
            Arg("beat", "i", "beat of the bar, from 1"),
            Arg("beats_per_bar", "i", "beats of the bar"),
            _DUE,
            Arg("quarter_s", "f", "seconds a quarter, for foot taps and nods up to the next beat"),
        ),
    ),
    Message(
        "/sideman/plan",
        "when the chords to come change",
        (
            *_HEAD,
            Arg("frame", "i", "the present 16th, counted from the jam's first bar line"),
            Arg("frame_s", "f", "seconds a 16th, 0 = no time runs"),
            Arg("sure", "f", "follow: how sure the band is of the chords ahead, 0-1; -1 = it does not follow"),
            Arg("unsure", "i", "1 = it says that it is not sure"),
            Arg("commit_beats", "i", "follow: beats that are fixed ahead now; -1 = it does not follow"),
            Arg("just_in_time", "i", "1 = the chord of a strong beat waits for the player, 30 ms at most"),
            Arg("stability", "f", "share of chords announced two beats ahead that were played, 0-1; -1 = none yet"),
        ),
        (
            Arg("onset", "i", "16th at which the chord starts"),
            Arg("length", "i", "16ths it lasts"),
            Arg("label", "s", "Harte label, such as A:min7/G, N = none"),
            Arg("committed", "i", "1 = will not change any more, 0 = tentative"),
            Arg("confidence", "f", "0-1"),
        ),
    ),
    Message(
        "/sideman/cue",
        "ahead of a gesture",
        (
            *_HEAD,
            Arg("name", "s", "listen prepare_play nod stop solo changed ..."),
            _DUE,
            Arg("beats", "f", "how many beats ahead of the event, or how long the gesture lasts"),
        ),
    ),
    Message(
        "/sideman/note",
        "ahead of each note of the band, so that a stick can start to fall (VM14)",
        (
            *_HEAD,
            Arg("part", "s", "drums bass chords solo ..."),
            Arg("channel", "i", "MIDI channel 1-16"),
            Arg("pitch", "i", "MIDI note 0-127"),
            Arg("velocity", "i", "1-127"),
            _DUE,
            Arg("duration_s", "f", "seconds from note-on to note-off"),
        ),
    ),
    Message("/jam/state", "when the state changes", (Arg("state", "s", "the state in small letters, idle ... menu"),)),
    Message(
        "/jam/beat",
        "on each beat",
        (Arg("bar", "i", "from 1"), Arg("beat", "i", "from 1")),
    ),
    Message("/jam/plan", "with /sideman/plan", (), (Arg("label", "s", "Harte labels of the chords to come"),)),
    Message(
        "/jam/cue",
        "with /sideman/cue",
        (Arg("name", "s", "prepare_play listen nod ..."), Arg("beats", "f", "beats ahead, or beats long")),
    ),
    Message(
        "/noteOn/<channel>/<pitch>",
        "to `osc.ofx_targets` on each note that sounds, and with velocity 0 on its end (ofxOscMidi)",
        (Arg("value", "f", "velocity / 127"), Arg("velocity", "i", "velocity 0-127")),
    ),
    Message(
        "/controlChange/<channel>/<number>",
        "to `osc.ofx_targets` on each controller that goes out (ofxOscMidi)",
        (Arg("value", "f", "value / 127"), Arg("raw", "i", "value 0-127")),
    ),
)

TAKEN: tuple[Message, ...] = (
    Message(
        "/sideman/press",
        "as a foot would press; without the second argument it is a press whose release is never told",
        (Arg("switch", "s", "START STOP PLAY TAP NEXT"),),
        (Arg("down", "i", "1 = down, 0 = up, at most once"),),
    ),
    Message(
        "/sideman/do",
        "to bring about an effect by its name, or a knob's step: `sideman settings --knobs` lists them",
        (
            Arg(
                "effect",
                "s",
                "listen commit start end silence tap undo redo panic new fill next_part menu ..., "
                "or 'temperature up', 'click next', 'set preset wild'",
            ),
        ),
    ),
    Message(
        "/sideman/set",
        "to give a setting another value until the next start; what is not allowed is refused with a line in the log",
        (
            Arg("key", "s", "dotted key, such as tempo.bpm"),
            Arg("value", "s", "text as in the settings file, or a number (i, f) or T, F"),
        ),
    ),
)
"""What the box takes when ``osc.listen`` is set."""


def message_of(address: str) -> Message:
    """The row an address belongs to; KeyError when the table has none."""
    head = address.split("/")[1]
    for message in SCHEMA:
        if message.address == address or (
            head in ("noteOn", "controlChange") and message.address.split("/")[1] == head
        ):
            return message
    raise KeyError(address)


def markdown() -> str:
    """The tables as they stand in the documentation."""
    sent = [line for message in SCHEMA for line in _section(message, "Sent")]
    taken = [line for message in TAKEN for line in _section(message, "Taken")]
    return "\n".join([*sent, "## What the box takes", "", *taken])


def _section(message: Message, verb: str) -> list[str]:
    lines = [f"### `{message.address}`", "", f"{verb} {message.when}.", ""]
    lines += ["| # | argument | type | meaning |", "| --- | --- | --- | --- |"]
    for index, arg in enumerate(message.args, 1):
        lines.append(f"| {index} | {arg.name} | {arg.type} | {arg.meaning} |")
    for arg in message.repeat:
        lines.append(f"| {'repeated' if verb == 'Sent' else 'option'} | {arg.name} | {arg.type} | {arg.meaning} |")
    return [*lines, ""]

"""One status for everything the OLED can say: the pictures of the documentation and the golden images of the tests."""

from __future__ import annotations

from dataclasses import replace

from sideman.jam.cues import Status, StripChord

NOW_NS = 10_000_000_000
QUARTER_NS = 625_000_000


def _strip(*chords: tuple[float, float, str, bool]) -> tuple[StripChord, ...]:
    return tuple(StripChord(start, length, name, committed, 0.8) for start, length, name, committed in chords)


_BASE = Status(NOW_NS, "IDLE", "off", "none", "trade", "READY")
_JAM = replace(
    _BASE,
    bpm=96.0,
    confidence=0.9,
    key="A min",
    quarter_ns=QUARTER_NS,
    instrument="Digital Piano",
    output="FluidSynth",
)
_PLAYING = replace(
    _JAM,
    state="PLAYING",
    band="playing",
    shown="PLAY 3.2",
    bar=3,
    beat=2,
    bars=4,
    beat_phase=0.4,
    turn="ME",
    bars_left=2,
    strip=_strip((-1.4, 2.0, "Am", True), (0.6, 2.0, "F", True), (2.6, 1.0, "C/E", True), (3.6, 2.0, "G", False)),
    bottom=("LISTEN", "SILENCE", "END"),
    leds=("off", "off", "beat"),
)
_FOLLOW = replace(
    _PLAYING,
    state="LISTEN+PLAY",
    ear="listening",
    mode="follow",
    shown="LISTEN 3.2",
    detail="Dm7",
    turn="",
    bars=0,
    bars_left=0,
    bottom=("FORGET", "HOLD", "END"),
    leds=("on", "off", "on"),
    strip=_strip((-0.4, 2.0, "Dm7", True), (1.6, 2.0, "G7", True), (3.6, 2.0, "CM7", False)),
)

STATES: dict[str, Status] = {
    "idle": replace(
        _BASE, detail="Digital Piano", bottom=("ARM", "INFO", "-"), leds=("off", "off", "slow"), output="FluidSynth"
    ),
    "armed": replace(
        _BASE,
        state="ARMED",
        ear="armed",
        shown="YOUR TURN",
        detail="",
        bottom=("ARMED", "BACK", "PLAY"),
        leds=("blink", "off", "off"),
    ),
    "listening": replace(
        _JAM,
        state="LISTENING",
        ear="listening",
        shown="LISTEN 3.2",
        bar=3,
        beat=2,
        beat_phase=0.5,
        confidence=0.6,
        bottom=("AGAIN", "COMMIT", "PLAY"),
        leds=("on", "off", "off"),
    ),
    "committed": replace(
        _JAM,
        state="COMMITTED",
        band="ready",
        shown="GOT IT",
        detail="4x4/4 96 Am",
        bottom=("ARM", "INFO", "PLAY"),
        leds=("off", "on", "off"),
    ),
    "count-in": replace(
        _JAM,
        state="COUNT-IN",
        band="count_in",
        shown="3",
        bottom=("ARM", "CANCEL", "CANCEL"),
        leds=("off", "off", "blink"),
    ),
    "playing": _PLAYING,
    "listen+play": _FOLLOW,
    "ending": replace(
        _PLAYING,
        state="ENDING",
        band="ending",
        shown="END 2",
        turn="",
        strip=_strip((-0.4, 1.0, "E7", True), (0.6, 4.0, "Am", True)),
        bottom=("LISTEN", "SILENCE", "GO ON"),
        leds=("off", "off", "fast"),
    ),
    "menu": replace(
        _PLAYING,
        state="MENU",
        shown="MENU",
        menu=("line-up", "no solo"),
        bottom=("VALUE", "LEAVE", "ITEM"),
    ),
}
"""The nine rows of the pedal table."""

VARIANTS: dict[str, Status] = {
    "idle-unplugged": replace(_BASE, shown="READY", detail="play anything", faults=("no instrument",)),
    "status-page": replace(_JAM, page="status", bottom=("ARM", "INFO", ""), level=96, rules=("bass",)),
    "armed-follow": replace(STATES["armed"], mode="follow", meter="7/8 2+2+3", key="E min", bpm=138.0, detail=""),
    "countdown": replace(
        STATES["listening"],
        mode="follow",
        shown="LISTEN 2.3",
        bar=2,
        beat=3,
        countdown=2.6,
        key="",
        bottom=("AGAIN", "COMMIT", "ENTER"),
    ),
    "committed-free": replace(
        STATES["committed"], bpm=None, detail="8x12/8 F#m", meter="12/8", key="F# min", mode="follow"
    ),
    "count-in-four": replace(STATES["count-in"], shown="4"),
    "playing-you": replace(_PLAYING, turn="YOU", bars_left=12, shown="PLAY 1.1", bar=1, beat=1, bars=12),
    "playing-rules": replace(_PLAYING, turn="", rules=("drums", "chords"), shown="PLAY 11.2", bar=11, bars=12),
    "playing-fault": replace(
        _PLAYING, faults=("UNPLUGGED: Digital Piano",), detail="", key="F# min", meter="12/8", bpm=132.0, mode="follow"
    ),
    "playing-dense": replace(
        _PLAYING,
        strip=_strip(
            (0.0, 1.0, "F#m7", True),
            (1.0, 0.5, "B7", True),
            (1.5, 0.5, "Bb7", True),
            (2.0, 1.0, "Ebm7/Db", False),
            (3.0, 1.0, "Bh7", False),
        ),
        beat_phase=0.0,
    ),
    "playing-seven": replace(
        _PLAYING,
        meter="7/8 2+2+3",
        beats_per_bar=3,
        key="F# min",
        strip=_strip(
            (-0.5, 1.5, "F#m", True), (1.0, 2.0, "D", True), (3.0, 1.5, "C#7", True), (4.5, 2.0, "F#m", False)
        ),
    ),
    "held": replace(
        _FOLLOW, state="PLAYING", ear="held", shown="HELD 3.2", detail="Dm7", bottom=("FOLLOW", "SILENCE", "END")
    ),
    "plain-words": replace(_PLAYING, turn="", shown="PLAY", strip=()),
    "menu-tempo": replace(STATES["menu"], menu=("tempo", "free")),
    "menu-meter": replace(STATES["menu"], menu=("meter", "7/8 2+2+3")),
    "notice": replace(STATES["idle"], notice="START FIRST"),
    "notice-short": replace(STATES["listening"], notice="TOO SHORT"),
    "notice-long": replace(_PLAYING, notice="NEW AT THE NEXT BAR"),
    "notice-info": replace(STATES["idle"], notice="Digital Piano > FluidSynth 100"),
    "notice-endless": replace(STATES["idle"], notice="USB Uno MIDI Interface:0 > Midi Through Port-0 100"),
    "hold": replace(_PLAYING, hold=("STOP", 0.6)),
}
"""What else can happen to a picture."""

ALL: dict[str, Status] = STATES | VARIANTS

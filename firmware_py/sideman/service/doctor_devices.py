"""The doctor's look at devices: MIDI, sound, pins, display, USB pedals. An absent device is noted, never bad."""

from __future__ import annotations

import fcntl
import os
from dataclasses import fields
from pathlib import Path

from sideman.edges.midi_backend import open_rtmidi
from sideman.service import synth_command as synth
from sideman.service.doctor_finding import Finding
from sideman.service.settings import Settings

_I2C_SLAVE = 0x0703


def midi(settings: Settings) -> list[Finding]:
    """The MIDI system and the ports it offers."""
    del settings
    backend, why = open_rtmidi("sideman-doctor")
    if backend is None:
        return [Finding("midi", "note", why or "no MIDI system", "without it the box hears and plays nothing")]
    try:
        inputs, outputs = backend.inputs(), backend.outputs()
    finally:
        backend.close()
    found = [Finding("midi in", "ok", ", ".join(inputs)) if inputs else _nothing("midi in", "plug in an instrument")]
    found.append(
        Finding("midi out", "ok", ", ".join(outputs))
        if outputs
        else _nothing("midi out", "plug in a synthesiser, or: systemctl enable --now sideman-synth")
    )
    return found


def sound(settings: Settings) -> list[Finding]:
    """FluidSynth, its sound font and the card it would play on, for a box without a synthesiser."""
    if not settings.synth.on:
        return [Finding("sound", "ok", "switched off (synth.on): external synthesisers only")]
    try:
        words = synth.command(settings, synth.cards(), synth.font(settings.synth), synth.program())
    except synth.NoSynthError as error:
        what, _, advice = str(error).partition("; " if "; " in str(error) else ": ")
        return [Finding("sound", "note", what, advice)]
    if not words:
        return [
            Finding("sound", "note", "no sound card", "a DAC board or a USB sound card; else external synthesisers")
        ]
    device = next(word.partition("=")[2] for word in words if word.startswith("audio.alsa.device="))
    said = f"FluidSynth on {device} with {words[-1]}, {synth.latency_ms(settings.synth):.1f} ms in its buffers"
    return [Finding("sound", "ok", said)]


def pins(settings: Settings) -> list[Finding]:
    """The GPIO chips and who may use them."""
    if not settings.pins.on:
        return [Finding("pins", "ok", "switched off (pins.on)")]
    chips = sorted(Path("/dev").glob("gpiochip*"))
    if not chips:
        return [_nothing("pins", "on a Raspberry Pi: update its kernel; elsewhere set pins.on = false, use --simulate")]
    closed = [str(chip) for chip in chips if not os.access(chip, os.R_OK | os.W_OK)]
    if len(closed) == len(chips):
        return [
            Finding("pins", "note", f"no right to {', '.join(closed)}", "sudo usermod -aG gpio $USER, log in again")
        ]
    wired = [
        f"{each.name} {getattr(settings.pins, each.name)}"
        for each in fields(settings.pins)
        if not isinstance(getattr(settings.pins, each.name), bool) and getattr(settings.pins, each.name) >= 0
    ]
    return [Finding("pins", "ok", f"{len(chips)} chips; {', '.join(wired)}")]


def display(settings: Settings) -> list[Finding]:
    """The I2C bus, and whether somebody answers at the display's address."""
    oled = settings.oled
    if not oled.on:
        return [Finding("display", "ok", "switched off (oled.on)")]
    bus = Path(f"/dev/i2c-{oled.bus}")
    if not bus.exists():
        others = ", ".join(str(p) for p in sorted(Path("/dev").glob("i2c-*"))) or "none"
        return [
            Finding(
                "display",
                "note",
                f"no {bus} (there is: {others})",
                "sudo raspi-config nonint do_i2c 0; or set oled.bus",
            )
        ]
    try:
        line = os.open(bus, os.O_RDWR)
    except OSError as error:
        return [Finding("display", "note", f"{bus}: {error.strerror}", "sudo usermod -aG i2c $USER, log in again")]
    try:
        fcntl.ioctl(line, _I2C_SLAVE, oled.address)
        os.read(line, 1)
    except OSError as error:
        return [
            Finding(
                "display", "note", f"nobody answers at {oled.address:#x} on {bus} ({error.strerror})",
                "check the four wires (GND, 3.3 V, SCL pin 5, SDA pin 3); i2cdetect -y shows other addresses",
            )
        ]  # fmt: skip
    finally:
        os.close(line)
    return [Finding("display", "ok", f"{oled.driver} answers at {oled.address:#x} on {bus}")]


def usb_pedal(settings: Settings) -> list[Finding]:
    """Input devices that a USB pedal could be."""
    if not settings.pedal.usb:
        return [Finding("usb pedal", "ok", "switched off (pedal.usb)")]
    nodes = sorted(Path("/dev/input").glob("event*"))
    if not nodes:
        return [Finding("usb pedal", "ok", "none plugged in")]
    if not any(os.access(node, os.R_OK) for node in nodes):
        return [
            Finding("usb pedal", "note", f"no right to read {nodes[0]}", "sudo usermod -aG input $USER, log in again")
        ]
    return [Finding("usb pedal", "ok", f"{len(nodes)} input devices can be read")]


def _nothing(name: str, advice: str) -> Finding:
    return Finding(name, "note", "none", advice)

"""In the guest: the probe's cases, and the devices themselves: a MIDI port, a GPIO line, an I2C write."""

import errno
import os
import threading
from pathlib import Path

import probe


@probe.attempt
def midi_port():
    """A note from one port of the ALSA sequencer to another."""
    import rtmidi

    heard, arrived = [], threading.Event()
    listening = rtmidi.MidiIn(rtmidi.API_LINUX_ALSA, name="probe-in")
    listening.open_virtual_port("in")
    listening.set_callback(lambda event, _: (heard.append(event[0]), arrived.set()))
    playing = rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name="probe-out")
    playing.open_port(next(i for i, name in enumerate(playing.get_ports()) if "probe-in" in name))
    playing.send_message([0x90, 60, 99])
    arrived.wait(10)
    listening.cancel_callback()
    return heard


@probe.attempt
def gpio_line():
    """A line is claimed and driven, through the library that the program uses."""
    import lgpio

    chip = lgpio.gpiochip_open(0)
    claimed = lgpio.gpio_claim_output(chip, 5, 0)
    written = lgpio.gpio_write(chip, 5, 1)
    lgpio.gpiochip_close(chip)
    return [claimed, written]


@probe.attempt
def i2c_write():
    """A byte is written to the display's address and read back."""
    import smbus2

    buses = [
        int(entry.name[4:])
        for entry in Path("/sys/bus/i2c/devices").glob("i2c-*")
        if "stub" in (entry / "name").read_text(encoding="ascii").lower()
    ]
    with smbus2.SMBus(buses[0]) as bus:
        bus.write_byte_data(0x3C, 5, 0x42)
        return bus.read_byte_data(0x3C, 5)


@probe.attempt
def other_device():
    """What the unit does not name stays shut even to one who may read it."""
    try:
        os.close(os.open("/dev/sideman-forbidden", os.O_RDONLY))
    except OSError as error:
        return error.errno == errno.EPERM
    return "open"


if __name__ == "__main__":
    probe.main()

"""gpiozero's lgpio pins on a machine that is no Raspberry Pi: it says that it is one, nothing else differs."""
# ruff: noqa: INP001 - lies where Debian's Python looks for modules

from gpiozero.pins.lgpio import LGPIOFactory


class RigFactory(LGPIOFactory):
    """The lines of /dev/gpiochip0."""

    def _get_revision(self) -> int:
        return 0xC03112  # a Raspberry Pi 4B, whose header all 40-pin boards share

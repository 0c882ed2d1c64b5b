"""Pictures on the display, and a display that fails, goes and comes back."""

import errno

IDLE, ARMED = "READY", "YOUR TURN"


def on(rig):
    rig.need("display")
    rig.start({"oled": {"on": True}, "pins": {"on": True}})


def test_its_pictures_show_the_state(rig):
    on(rig)
    rig.until(lambda: rig.picture().shows_word(IDLE), "the word of the idle box", rig.save_picture)
    since = rig.press("START")
    rig.state("ARMED", since)
    rig.until(lambda: rig.picture().shows_word(ARMED), "the word of the armed box", rig.save_picture)
    rig.press("STOP")
    rig.until(lambda: rig.picture().shows_word(IDLE), "the word of the idle box again", rig.save_picture)


def test_a_bus_that_fails_is_told_and_survived(rig):
    on(rig)
    rig.until(lambda: rig.picture().frames > 0, "a picture")
    rig.display(error=errno.EIO)
    since = rig.press("START")
    rig.fault("oled", since)
    rig.display()
    rig.shown("/sideman/health", since=rig.now(), faults="")
    rig.until(lambda: rig.picture().shows_word(ARMED), "the newest picture", rig.save_picture)


def test_without_a_display_everything_else_works(rig):
    rig.need("display")
    rig.display(answers=False)
    rig.start({"oled": {"on": True}, "pins": {"on": True}})
    rig.fault("oled")
    rig.plugged()
    rig.jam()
    frames = rig.picture().frames
    rig.display()
    rig.until(lambda: rig.picture().frames > frames, "a picture once it is there")

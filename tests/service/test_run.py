"""``sideman run`` as a process: what systemd hears, how it ends, what it says of broken files."""

import signal

import pytest
from box_kit import RunningBox, until

NO_JACK = {"JACK_DEFAULT_SERVER": "there-is-none"}


@pytest.fixture
def box(tmp_path):
    made = []

    def make(settings="", **environ):
        made.append(RunningBox(tmp_path, settings, **NO_JACK, **environ))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_with_nothing_attached_it_gets_ready_feeds_the_watchdog_and_ends_at_once(box, number):
    running = box()
    assert "output none" in running.told("READY=1\nSTATUS=")
    for _ in range(3):
        running.told("WATCHDOG=1")
    [front] = running.children("sideman.edges.front_child")
    [band] = running.children("sideman.band.process")
    assert front != band
    assert running.stop(number) == 0
    running.told("STOPPING=1")
    said = running.errors.read_text()
    assert "Traceback" not in said
    assert "PinFactory" not in said
    assert not list((running.state / "takes").glob("*")), "nobody played: nothing is kept"


def test_faults_of_files_are_shown_and_the_rest_of_the_settings_holds(box, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "manifest.json").write_text("{", encoding="utf-8")
    running = box(f'[tempo]\nmode = "fixed"\nbpm = 9999\n[band]\nmodels_folder = "{tmp_path / "models"}"\n')
    said = running.told("READY=1")
    while "without model: chords, drums, melody" not in said:  # said with READY, or after it where the band is slow
        said = running.told("STATUS=")
    until(lambda: "settings" in running.ears.last("/sideman/health").get("faults", ""))
    until(lambda: "model" in running.ears.last("/sideman/health").get("faults", ""))
    assert running.stop(signal.SIGTERM) == 0
    assert "tempo.bpm" in running.errors.read_text()


def test_pins_of_a_library_are_used_where_it_is_named(box):
    running = box(GPIOZERO_PIN_FACTORY="mock")
    running.told("READY=1")
    assert running.stop(signal.SIGTERM) == 0
    assert "pins" not in running.errors.read_text()


def test_a_pin_library_that_does_not_work_is_one_sentence(box):
    running = box(GPIOZERO_PIN_FACTORY="nonsense")
    running.told("READY=1")
    running.told("WATCHDOG=1")
    assert running.stop(signal.SIGTERM) == 0
    assert running.errors.read_text().count("pins: No pins") == 1
    assert "GPIO 17" not in running.errors.read_text()

"""How python-rtmidi is used, on a stand-in for the library: the order of closing, ports found by name."""

import threading

import pytest

from sideman.edges.midi_backend import RtmidiBackend


class _Library:
    API_LINUX_ALSA, API_UNIX_JACK = 2, 3

    def __init__(self):
        self.calls = []
        self.names = ["A:A MIDI 1 20:0", "B:B MIDI 1 24:0"]

    def MidiIn(self, rtapi, name):  # noqa: N802 - the library's name
        return _Port(self)

    MidiOut = MidiIn


class _Port:
    def __init__(self, library):
        self._library = library
        self.call = None

    def get_ports(self):
        return self._library.names

    def set_callback(self, call):
        self.call = call
        self._library.calls.append("set_callback")
        self._library.ear = self

    def __getattr__(self, name):
        return lambda *args, **kwargs: self._library.calls.append((name, *args) if args else name)


def test_an_alsa_input_is_opened_by_its_name_and_its_callback_goes_first():
    library, heard = _Library(), []
    backend = RtmidiBackend(library, library.API_LINUX_ALSA, "Sideman")
    assert backend.inputs() == backend.outputs() == library.names
    assert backend.alive()
    port = backend.open_input("B:B MIDI 1 24:0", lambda ns, data: heard.append((ns, data)))
    assert ("open_port", 1, "0") in library.calls
    library.ear.call(([0x90, 60, 1], 0.0), None)
    assert heard[0][1] == bytes((0x90, 60, 1))
    port.close()
    assert library.calls[-3:] == ["cancel_callback", "close_port", "delete"]


def test_an_output_hands_bytes_over():
    library = _Library()
    port = RtmidiBackend(library, library.API_LINUX_ALSA, "Sideman").open_output("A:A MIDI 1 20:0")
    port.send(b"\x90\x3c\x01")
    port.close()
    assert library.calls[-4:] == [("open_port", 0, "out"), ("send_message", b"\x90\x3c\x01"), "close_port", "delete"]


def test_a_port_that_went_meanwhile_is_an_error_of_the_system():
    library = _Library()
    backend = RtmidiBackend(library, library.API_LINUX_ALSA, "Sideman")
    library.names = []
    for act in (lambda: backend.open_input("A:A MIDI 1 20:0", print), lambda: backend.open_output("A:A MIDI 1 20:0")):
        with pytest.raises(OSError, match="is gone"):
            act()


def test_a_look_after_the_end_is_harmless():
    library = _Library()
    backend = RtmidiBackend(library, library.API_LINUX_ALSA, "Sideman")
    backend.close()
    backend.close()
    assert library.calls == ["delete", "delete"]
    assert backend.inputs() == backend.outputs() == []


@pytest.mark.parametrize("api", [_Library.API_LINUX_ALSA, _Library.API_UNIX_JACK])
def test_a_client_whose_port_cannot_be_opened_is_ended(api):
    library = _Library()
    backend = RtmidiBackend(library, api, "Sideman")
    for open_it in (lambda: backend.open_input("C:C MIDI 1 28:0", print), lambda: backend.open_output("C:C 28:0")):
        with pytest.raises(OSError, match="gone"):
            open_it()
        assert library.calls[-2:] == ["close_port", "delete"]


def test_any_error_of_the_library_is_one_of_the_system():
    library = _Library()
    backend = RtmidiBackend(library, library.API_LINUX_ALSA, "Sideman")
    library.names = property()  # the library raises what it likes
    with pytest.raises(OSError, match="iterable"):
        backend.open_output("A:A MIDI 1 20:0")


def test_one_thread_at_a_time_is_in_the_library():
    library, inside, met = _Library(), threading.Lock(), []

    def entered(*_args):
        met.append(inside.acquire(blocking=False))
        threading.Event().wait(0.002)
        if met[-1]:
            inside.release()
        return library.names

    class Watched(_Port):
        get_ports = open_port = close_port = delete = entered

    library.MidiIn = library.MidiOut = lambda **_: Watched(library)
    backends = [RtmidiBackend(library, library.API_LINUX_ALSA, "Sideman") for _ in range(3)]

    def use(backend):
        backend.inputs()
        backend.open_output("A:A MIDI 1 20:0").close()
        backend.close()

    threads = [threading.Thread(target=use, args=(backend,)) for backend in backends]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(met) == 3 * 7
    assert all(met)

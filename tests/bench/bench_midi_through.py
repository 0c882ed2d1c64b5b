"""MIDI in to MIDI out on a JACK server without a sound card: ``python tests/bench/bench_midi_through.py``.

Five ways in the same run, their messages interleaved: straight (ports connected in the server, no program between),
bare (python-rtmidi read every millisecond and sent on), edge (the box's ports, events through a queue to another
thread and out again), edge_direct (the same without the queue), jam (the whole conductor in real time, what the
player plays going through it). Each message is a note-on that only its way carries;
the figure is from handing it to the server until the receiving end has it. A JACK xrun may lose messages: counted.
"""

import argparse
import json
import os
import queue
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "edges"))

from jack_world import JackServer, missing, until

from sideman.edges.midi import MidiPorts, MidiSettings
from sideman.edges.midi_backend import open_rtmidi
from sideman.jam.conductor import Conductor
from sideman.jam.core import Ports
from sideman.jam.events import NoteOn, Shutdown
from sideman.jam.options import Options
from sideman.service import realtime
from sideman.service.loop import Loop, MonotonicClock

PERIOD_MS = 64 / 48


class Source:
    """An instrument with one way to go."""

    def __init__(self, rtmidi, name):
        self.port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name=name)
        self.port.open_virtual_port("out")


class Sink:
    """A synthesiser that stamps what comes: pitch and velocity are the message's number."""

    def __init__(self, rtmidi, name):
        self.port = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=name)
        self.port.open_virtual_port("in")
        self.got = {}

    def poll(self):
        while (message := self.port.get_message()) is not None:
            data = message[0]
            if data[0] & 0xF0 == 0x90:
                self.got[data[1] * 128 + data[2]] = time.monotonic_ns()


def row(sent, sink):
    took = sorted((sink.got[n] - ns) / 1e6 for n, ns in sent.items() if n in sink.got)
    if not took:
        return {"n": 0, "lost": len(sent)}
    at = lambda q: round(took[min(len(took) - 1, int(len(took) * q))], 3)  # noqa: E731 - three uses, one line
    return {"n": len(took), "lost": len(sent) - len(took), "p50": at(0.5), "p99": at(0.99), "max": round(took[-1], 3)}


class Box:
    """The MIDI edge with something that passes notes on, in the conductor's place."""

    def __init__(self, client, source, sink, *, queued):
        settings = MidiSettings(output=sink, client=client, ignore=(f"^(?!{source}|{sink})",))
        self.queue = queue.SimpleQueue() if queued else None
        self.midi = MidiPorts(self.queue.put if queued else self.through, settings, lambda: open_rtmidi(client))
        if queued:
            threading.Thread(target=self.run, daemon=True).start()
        self.midi.start()

    def through(self, event):
        if isinstance(event, NoteOn):
            self.midi.send(bytes((0x90 | event.channel, event.pitch, event.velocity)), source=event.port)

    def run(self):
        while (event := self.queue.get()) is not None:
            self.through(event)

    def ready(self):
        return self.midi.inputs and self.midi.output

    def close(self):
        self.midi.close()
        if self.queue:
            self.queue.put(None)


class Nobody:
    """Shows nothing, asks nobody, keeps nothing."""

    def show(self, item):
        pass

    ask = write = show


class JamBox(Box):
    """The MIDI edge with the conductor behind it, on a thread with the clock's rights."""

    def __init__(self, client, source, sink):
        self.loop = Loop()
        settings = MidiSettings(output=sink, client=client, ignore=(f"^(?!{source}|{sink})",))
        self.midi = MidiPorts(self.loop.post, settings, lambda: open_rtmidi(client))
        clock = MonotonicClock()
        ports = Ports(clock, self.midi, Nobody(), Nobody(), Nobody())
        self.conductor = Conductor(Options(), ports, clock.now())
        threading.Thread(target=self.run, daemon=True).start()
        self.midi.start()

    def run(self):
        realtime.ask_for_fifo(70)
        self.loop.run(self.conductor)

    def close(self):
        self.loop.post(Shutdown(time.monotonic_ns()))
        self.midi.close()


def bare_through(rtmidi, source, sink, stop):
    ear = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name="bare")
    mouth = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="bare")
    ear.open_port(next(i for i, n in enumerate(ear.get_ports()) if n.startswith(source)))
    mouth.open_port(next(i for i, n in enumerate(mouth.get_ports()) if n.startswith(sink)))

    def run():
        while not stop.wait(0.001):
            while (message := ear.get_message()) is not None:
                mouth.send_message(message[0])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, ear, mouth


def measure(number):
    import rtmidi

    ways = ("straight", "bare", "edge", "edge_direct", "jam")
    sources = {way: Source(rtmidi, f"{way}source") for way in ways[1:]}
    sinks = {way: Sink(rtmidi, f"{way}sink") for way in ways}
    direct = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="straightsource")
    direct.open_port(next(i for i, n in enumerate(direct.get_ports()) if n.startswith("straightsink")))
    outs = {"straight": direct, **{way: source.port for way, source in sources.items()}}
    stop = threading.Event()
    thread, ear, mouth = bare_through(rtmidi, "baresource", "baresink", stop)
    boxes = [
        Box("BoxA", "edgesource", "edgesink", queued=True),
        Box("BoxB", "edge_directsource", "edge_directsink", queued=False),
        JamBox("BoxC", "jamsource", "jamsink"),
    ]
    until(lambda: all(box.ready() for box in boxes), 10.0)
    sent = {way: {} for way in ways}
    time.sleep(0.3)
    due = time.monotonic_ns()
    for i in range(number * len(ways)):
        way = ways[i % len(ways)]
        n = 129 + i // len(ways)  # pitch 1 on, velocity 1 on: never a note-off
        if n % 128 == 0:
            continue
        due += 2_300_000  # not a multiple of the server's period: all phases of it are met
        while (now := time.monotonic_ns()) < due:
            for sink in sinks.values():
                sink.poll()
            time.sleep(min(0.0001, (due - now) / 1e9))
        sent[way][n] = time.monotonic_ns()
        outs[way].send_message(bytes((0x90, n // 128, n % 128)))
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        for sink in sinks.values():
            sink.poll()
        time.sleep(0.0001)
    result = {way: row(sent[way], sinks[way]) for way in ways}
    for box in boxes:
        box.close()
    stop.set()
    thread.join()
    for port in (ear, mouth, *outs.values(), *(sink.port for sink in sinks.values())):
        port.close_port()
        port.delete()
    return result


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=2000, help="messages each way")
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args(argv)
    why = missing()
    if why:
        print(f"not measured: {why}")  # noqa: T201 - a bench prints
        return 0
    before = os.environ.get("JACK_DEFAULT_SERVER")
    server = JackServer()
    server.start()
    try:
        rows = measure(min(args.notes, 126 * 120))
    finally:
        server.free()
        if before is None:
            os.environ.pop("JACK_DEFAULT_SERVER", None)
        else:
            os.environ["JACK_DEFAULT_SERVER"] = before
    if args.json:
        print(json.dumps({"period_ms": PERIOD_MS, "ms": rows}))  # noqa: T201 - a bench prints
    else:
        for way, values in rows.items():
            print(f"{way:12}", "  ".join(f"{key} {value}" for key, value in values.items()))  # noqa: T201 - a bench prints
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

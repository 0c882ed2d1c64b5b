"""The rig's half in the guest: makes devices come and go, plays them, keeps what the box says. Sent there as text.

Moments are seconds of the guest's monotonic clock. Every function may be called from the other side of the line.
"""

import json
import os
import re
import threading
import time
from pathlib import Path

from ear import Ear, Panel, Stream
from inside_tools import must, now, read, sh, timed, until, write

GADGET = Path("/sys/kernel/config/usb_gadget/rig")
PINS = Path("/sys/kernel/config/gpio-sim/rig")
STATE = Path("/var/lib/sideman")
SETTINGS = Path("/etc/sideman/settings.toml")
DROP_IN = Path("/run/systemd/system/sideman.service.d/rig.conf")


# the service ------------------------------------------------------------------------------------------------

WANTED = ("ActiveState", "SubState", "Result", "NRestarts", "StatusText", "MainPID", "User", "ExecMainStatus",
          "InactiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic", "ExecMainStartTimestampMonotonic")  # fmt: skip


def unit():
    shown = must("systemctl show sideman.service " + " ".join(f"--property={name}" for name in WANTED))
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def start(settings, environment):
    """Start the service with these settings; returns what systemd says, how long it took, and since when."""
    sh("systemctl stop sideman.service")
    write(SETTINGS, settings)
    lines = "".join(f"Environment={name}={value}\n" for name, value in environment.items())
    write(DROP_IN, f"[Service]\n{lines}")
    sh("systemctl daemon-reload; systemctl reset-failed sideman.service")
    forget()
    begun = now()
    said = sh("systemctl start sideman.service")
    return {**unit(), "ready_s": now() - begun, "err": said["err"], "since": begun}


def stop():
    begun = now()
    sh("systemctl stop sideman.service")
    return {**unit(), "stop_s": now() - begun}


def journal(since_s):
    """What the service logged in the last seconds."""
    return must(f"journalctl -u sideman.service -o cat --no-pager --since=-{since_s:.0f}s")


def processes():
    """Process ids of the service, the band and the front."""
    found = {}
    main = int(unit()["MainPID"])
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if int(folder.name) == main:
            found["service"] = main
        elif parent == main:
            role = (
                "band"
                if any(b"band" in word for word in words)
                else "front"
                if any(b"front" in word for word in words)
                else "other"
            )
            found[role] = int(folder.name)
    return found


def kill(role, number):
    os.kill(processes()[role], number)


def figures():
    """Memory, processor seconds, files, threads of each process; sequencer clients and ports; bytes in the journal."""
    told = {}
    for role, pid in processes().items():
        stat = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        told[role] = {
            "rss_mb": int(read(f"/proc/{pid}/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
            "cpu_s": (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"),
            "files": len(list(Path(f"/proc/{pid}/fd").iterdir())),
            "threads": len(list(Path(f"/proc/{pid}/task").iterdir())),
        }
    told["ports"] = sequencer_ports()
    told["log_bytes"] = len(must("journalctl -u sideman.service -o cat --no-pager"))
    told["now"] = now()
    return told


def sequencer_ports():
    """How many ports of the ALSA sequencer the box has."""
    try:
        clients = re.split(r"(?m)^Client\s+", read("/proc/asound/seq/clients"))
    except OSError:
        return 0
    return sum(len(re.findall(r"(?m)^\s+Port\s", client)) for client in clients if '"Sideman"' in client)


# what the box says --------------------------------------------------------------------------------------------

EAR = Ear(9000)
HEARD = []


def forget():
    EAR.said.clear()
    HEARD.clear()


def said(after=0):
    return EAR.said[after:]


def shown(address, wanted, since, limit_s):
    """Wait until a message since a moment is as wanted; returns its moment or None, and the last such message."""
    return EAR.shown(address, wanted, since, limit_s)


# MIDI ---------------------------------------------------------------------------------------------------------


def _card(name):
    """Number of the sound card with an id, None when it is not there."""
    for card in Path("/sys/class/sound").glob("card*"):
        if (card / "id").read_text(encoding="ascii").strip() == name:
            return int(card.name[4:])
    return None


OUTPUT, RAW, CARDS = [], [], []


def plug_output():
    """The port at which the box is heard: a program's, which no one would take for an instrument."""
    import rtmidi

    ears = rtmidi.MidiIn(rtmidi.API_LINUX_ALSA, name="Rig Ears")
    ears.open_virtual_port("in")
    ears.set_callback(lambda event, _: HEARD.append((now(), list(event[0]))))
    OUTPUT.append(ears)


def plug_raw_output():
    """A sound card with raw MIDI; what reaches it is kept in ``raw``."""
    RAW.clear()
    must("modprobe snd-virmidi midi_devs=1 id=RigRaw")
    until(lambda: _card("RigRaw") is not None, 10)
    path = f"/dev/snd/midiC{_card('RigRaw')}D0"
    until(lambda: Path(path).exists(), 10)
    thread = threading.Thread(target=_hear, args=(os.open(path, os.O_RDONLY | os.O_NONBLOCK),), daemon=True)
    CARDS.append(thread)
    thread.start()


def unplug_raw_output():
    if CARDS:
        CARDS.pop().join()
        must("modprobe -r snd-virmidi")


def _hear(port):
    stream = Stream()
    os.set_blocking(port, False)
    while CARDS:
        try:
            got = os.read(port, 4096)  # the first reading opens the ear
        except BlockingIOError:
            time.sleep(0.002)
            continue
        moment = now()
        RAW.extend((moment, message) for message in stream.feed(got))
    os.close(port)


def raw():
    return RAW


def heard(after=0):
    return HEARD[after:]


def make_instrument():
    """A USB keyboard that lies beside the socket."""
    if GADGET.exists():
        return
    must(
        "mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config; modprobe -a dummy_hcd libcomposite usb_f_midi snd-usb-audio snd-seq-midi"
    )
    text = GADGET / "strings/0x409"
    text.mkdir(parents=True)
    for name, value in {"idVendor": "0x1235", "idProduct": "0x0042", "strings/0x409/product": "Rig Keys",
                        "strings/0x409/manufacturer": "rig", "strings/0x409/serialnumber": "1"}.items():  # fmt: skip
        (GADGET / name).write_text(value, encoding="ascii")
    function = GADGET / "functions/midi.usb0"
    function.mkdir()
    (function / "id").write_text("RigSide", encoding="ascii")
    (GADGET / "configs/c.1").mkdir(parents=True)
    (GADGET / "configs/c.1/midi.usb0").symlink_to(function)


KEYS = []


def plug():
    """Push the plug in; returns the moment."""
    make_instrument()
    moment = now()
    (GADGET / "UDC").write_text(next(Path("/sys/class/udc").iterdir()).name, encoding="ascii")
    until(lambda: _card("RigSide") is not None, 10)
    path = f"/dev/snd/midiC{_card('RigSide')}D0"
    until(lambda: Path(path).exists(), 10)
    KEYS.append(os.open(path, os.O_WRONLY))
    return moment


def unplug():
    """Pull the plug; returns the moment."""
    moment = now()
    while KEYS:
        os.close(KEYS.pop())
    (GADGET / "UDC").write_text("\n", encoding="ascii")
    return moment


def play(notes):
    """Play messages ``[seconds from now, bytes]``; returns the moments at which they were played."""
    return timed(notes, lambda data: os.write(KEYS[-1], bytes(data)))


def plug_and_hear(pitch, limit_s):
    """Push the plug in and strike one key over and over; seconds until the output sounds it, None when it never does."""
    before, begun = len(HEARD), plug()
    end = begun + limit_s
    while now() < end:
        os.write(KEYS[-1], bytes((0x90, pitch, 100, 0x80, pitch, 0)))
        pause = now() + 0.05
        while now() < pause:
            for moment, data in HEARD[before:]:
                if data[0] & 0xF0 == 0x90 and data[1] == pitch and data[2]:
                    return moment - begun
            time.sleep(0.002)
    return None


def plug_cycles(count, other, limit_s):
    """Plug and pull so many times, each time waiting until the box says so; returns what failed.

    ``other`` is the instrument that the box names when this one is gone.
    """
    wrong = []
    for number in range(count):
        if plug_and_hear(60, limit_s) is None:
            wrong.append(f"{number}: not heard")
        moment = unplug()
        if shown("/sideman/health", {"instrument": other}, moment, limit_s)[0] is None:
            wrong.append(f"{number}: not missed")
    return wrong


# feet ---------------------------------------------------------------------------------------------------------


def make_pins():
    """A GPIO chip with the header's lines, all pulled up, as open switches are."""
    if PINS.exists():
        return
    must("mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config; modprobe gpio-sim")
    (PINS / "bank0").mkdir(parents=True)
    (PINS / "bank0/num_lines").write_text("28", encoding="ascii")
    (PINS / "live").write_text("1", encoding="ascii")
    must("udevadm settle")
    for line in (17, 27, 22):
        _line(line).joinpath("pull").write_text("pull-up", encoding="ascii")


def _line(number):
    device = (PINS / "dev_name").read_text(encoding="ascii").strip()
    chip = (PINS / "bank0/chip_name").read_text(encoding="ascii").strip()
    return Path(f"/sys/devices/platform/{device}/{chip}/sim_gpio{number}")


def contacts(line, times):
    """Close and open a switch: ``[seconds from now, closed]``; returns the moments."""
    pull = _line(line) / "pull"
    return timed(times, lambda closed: pull.write_text("pull-down" if closed else "pull-up", encoding="ascii"))


def lamps(lines):
    return [int((_line(line) / "value").read_text(encoding="ascii")) for line in lines]


PEDAL = []


def plug_pedal():
    """A USB pedal that poses as a keyboard; the moment."""
    from evdev import UInput
    from evdev import ecodes as e

    must("modprobe uinput")
    keys = {e.EV_KEY: [e.KEY_A, e.KEY_B, e.KEY_C]}
    PEDAL.append(UInput(keys, name="Rig Pedal", vendor=0x1A86, product=0xE026, bustype=e.BUS_USB))
    return now()


def unplug_pedal():
    moment = now()
    PEDAL.pop().close()
    return moment


def pedal_contacts(key, times):
    """The same with a key of the pedal."""
    from evdev import ecodes as e

    def contact(closed):
        PEDAL[-1].write(e.EV_KEY, getattr(e, f"KEY_{key}"), int(closed))
        PEDAL[-1].syn()

    return timed(times, contact)


# the display --------------------------------------------------------------------------------------------------

PANEL = Panel()


def plug_display():
    """An SSD1306 on I2C bus 1."""
    if not Path("/dev/i2c-rig").exists():
        must("modprobe i2c-dev; modprobe i2c-rig; udevadm settle")
        until(Path("/dev/i2c-rig").exists, 10)
        threading.Thread(target=_watch, daemon=True).start()


def display(answers, error):
    """Whether it answers, and the errno with which every transfer fails."""
    plug_display()
    write("/sys/module/i2c_rig/parameters/answers", "Y" if answers else "N")
    write("/sys/module/i2c_rig/parameters/error", str(error))


def _watch():
    waiting = b""
    with Path("/dev/i2c-rig").open("rb", buffering=0) as bus:
        while True:
            got = bus.read(65536)
            if not got:
                time.sleep(0.005)
            waiting += got
            while len(waiting) >= 2 and len(waiting) >= 2 + (size := waiting[0] | waiting[1] << 8):
                PANEL.take(waiting[2 : 2 + size])
                waiting = waiting[2 + size :]


def picture():
    return {"memory": PANEL.memory.hex(), "frames": PANEL.frames, "bytes": PANEL.bytes}


# trouble ------------------------------------------------------------------------------------------------------


def own_disk():
    """An empty disk in the place of the one with takes and state: what lies on that stays untouched."""
    leave_disk()
    must(f"mount -t tmpfs -o size=16m,mode=0750,uid=sideman,gid=sideman rig {STATE}")


def leave_disk():
    sh(f"mountpoint -q {STATE} && umount {STATE}")


def disk(how):
    """The disk with takes and state: well, full, or read-only."""
    must(f"mount -o remount,rw {STATE}")
    sh(f"rm -f {STATE}/filler")
    if how == "full":
        sh(f"dd if=/dev/zero of={STATE}/filler bs=4k")
    elif how == "read-only":
        must(f"mount -o remount,ro {STATE}")


def models(how):
    """A folder with the models: missing one, or one corrupt; returns its name."""
    package = must(
        "/opt/sideman/bin/python -c 'import sideman_models; print(list(sideman_models.__path__)[0])'"
    ).strip()
    must(f"rm -rf /run/rig-models; cp -r {package} /run/rig-models; chmod -R a+rX /run/rig-models")
    chosen = min(Path("/run/rig-models").glob("*.tflite"))
    if how == "missing":
        chosen.unlink()
    elif how == "corrupt":
        data = bytearray(chosen.read_bytes())
        for at in range(len(data) // 3, len(data) // 2):
            data[at] ^= 0x5A
        chosen.write_bytes(data)
    return ["/run/rig-models", chosen.stem]


def reset():
    """Service down, plug out, disk well, nothing remembered, the display there."""
    sh("systemctl stop sideman.service")
    if KEYS:
        unplug()
    while PEDAL:
        unplug_pedal()
    if Path("/dev/i2c-rig").exists():
        display(True, 0)
    own_disk()
    unplug_raw_output()
    if not OUTPUT:
        plug_output()
    forget()


def boot_report():
    """What the boot left: failed units, cycles, what the service waited for, how long it took."""
    until(lambda: sh("systemctl is-system-running")["out"].strip() not in {"initializing", "starting"}, 60)
    return {
        "failed": must("systemctl list-units --failed --no-legend --plain").split("\n")[:-1],
        "state": sh("systemctl is-system-running")["out"].strip(),
        "cycles": [line for line in must("journalctl -b -o cat --no-pager").splitlines() if "ordering cycle" in line],
        "waits_for": must("systemctl list-dependencies --plain --after sideman.service").split(),
        "needs": must("systemctl list-dependencies --plain sideman.service").split(),
        "chain": sh("systemd-analyze critical-chain sideman.service")["out"],
        "time": sh("systemd-analyze time")["out"],
        "ready_s": int(unit()["ActiveEnterTimestampMonotonic"]) / 1e6,
        "multi_user_s": int(must("systemctl show --value -P ActiveEnterTimestampMonotonic multi-user.target")) / 1e6,
    }


def doctor():
    """What ``sideman doctor`` finds; that there are faults is a finding, too."""
    return json.loads(sh("/opt/sideman/bin/sideman doctor --json", 300)["out"])


def leave(settings):
    """Everything as it was found; ``settings`` is the text of the settings file, None where there was none."""
    reset()
    leave_disk()
    DROP_IN.unlink(missing_ok=True)
    if settings is None:
        SETTINGS.unlink(missing_ok=True)
    else:
        write(SETTINGS, settings)
    sh("systemctl daemon-reload; systemctl start sideman.service")


def probe(sources):
    """Run a probe in the service's unit in the program's place, through its first life and its second."""
    make_pins()
    sh("modprobe i2c-stub chip_addr=0x3c; mknod -m 666 /dev/sideman-forbidden c 1 11")
    for name, text in sources.items():
        write(f"/run/rig-probe/{name}", text)
    must("chmod -R a+rX /run/rig-probe")
    write(DROP_IN, "[Service]\nExecStart=\nExecStart=/opt/sideman/bin/python /run/rig-probe/unit_probe.py run\n")
    must("systemctl daemon-reload; systemctl reset-failed sideman.service; systemctl start --no-block sideman.service")
    second = STATE / "second.json"
    until(second.exists, 90)
    until(lambda: unit()["SubState"] == "running", 20)
    return {"found": json.loads(second.read_text(encoding="utf-8")), "unit": unit(), "stopped": stop()}

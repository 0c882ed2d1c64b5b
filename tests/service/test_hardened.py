"""The service's own unit, booted by a real systemd in a container: what its filters must let through works.

The program itself is replaced by hardened/probe.py at the path the unit names; nothing else differs.
"""

import errno
import json
import os
import shutil
import stat
import subprocess
import sysconfig
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
CACHE = Path(os.environ.get("SIDEMAN_BOOKWORM_ROOT", Path.home() / ".cache" / "sideman" / "bookworm"))
NODES = {"event0": (13, 64), "mem": (1, 1)}
"""Device nodes: an input device, which the unit allows, and memory, which it does not."""
RIGHTS = ("--rlimit=RLIMIT_RTPRIO=95", "--rlimit=RLIMIT_MEMLOCK=infinity")
"""What a machine of its own would grant; a container hands on no more than it was given."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root():
    if os.getuid() != 0:
        pytest.skip("needs root")
    for program in ("systemd-nspawn", "mmdebstrap"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
    if not (CACHE / "etc" / "debian_version").exists():
        made = subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd-sysv,dbus,python3", "bookworm", CACHE],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(CACHE, ignore_errors=True)
            pytest.skip(f"no Debian root can be made here: {made.stderr[-300:]}")
    why = cannot_boot(CACHE)
    if why:
        pytest.skip(f"no container boots on this host: {why}")
    return CACHE


def cannot_boot(root):
    """Why a bare system does not boot in a container here, empty when it does: then a failure is the unit's."""
    boot = [
        "systemd-nspawn", "-q", "-x", "-D", root, "--register=no", "--keep-unit", "-b", "--console=pipe", *RIGHTS,
        "systemd.unit=poweroff.target",
    ]  # fmt: skip
    try:
        done = subprocess.run(boot, check=False, capture_output=True, text=True, timeout=90, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "it does not come up within 90 s"
    return "" if done.returncode == 0 else (done.stderr or done.stdout or f"exit {done.returncode}")[-300:]


@pytest.fixture(scope="module")
def seen(root, tmp_path_factory):
    """What the probe found in both lives, and what systemd said."""
    work = tmp_path_factory.mktemp("hardened")
    overlay, state = work / "overlay", work / "state"
    state.mkdir()
    subprocess.run([REPOSITORY / "systemd" / "install"], check=True, env={**os.environ, "DESTDIR": str(overlay)})
    program = overlay / "opt" / "sideman" / "bin" / "sideman"
    program.parent.mkdir(parents=True)
    paths = " ".join(f"/dev/{name}" for name in NODES)
    site = "/opt/sideman/site:/opt/sideman/firmware_py:/opt/sideman/models_tflite"
    program.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={site}\nexec /usr/bin/python3 /opt/sideman/probe/probe.py $1 {paths}\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    units = overlay / "etc" / "systemd" / "system"
    (units / "observer.service").write_text(
        "[Unit]\nAfter=sideman.service\n[Service]\nExecStart=/usr/bin/python3 /opt/sideman/probe/observer.py\n",
        encoding="utf-8",
    )
    if not may_raise_limits():
        (units / "sideman.service.d").mkdir()
        (units / "sideman.service.d" / "rights.conf").write_text(
            "[Service]\nCapabilityBoundingSet=CAP_SYS_NICE\nAmbientCapabilities=CAP_SYS_NICE\n", encoding="utf-8"
        )
    wants = units / "multi-user.target.wants"
    wants.mkdir()
    for unit in ("sideman.service", "observer.service"):
        (wants / unit).symlink_to(f"../{unit}")
    binds = [
        f"--bind-ro={sysconfig.get_path('platlib')}:/opt/sideman/site",
        f"--bind-ro={REPOSITORY / 'firmware_py'}:/opt/sideman/firmware_py",
        f"--bind-ro={REPOSITORY / 'models_tflite'}:/opt/sideman/models_tflite",
        f"--bind-ro={HERE / 'hardened'}:/opt/sideman/probe",
        f"--bind={state}:/var/lib/sideman",
    ]
    for name, (major, minor) in NODES.items():
        os.mknod(work / name, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
        (work / name).chmod(0o666)
        binds.append(f"--bind={work / name}:/dev/{name}")
    machine = work / "root"
    subprocess.run(["cp", "-a", root, machine], check=True)
    subprocess.run(["cp", "-a", f"{overlay}/.", machine], check=True)
    boot = [
        "systemd-nspawn",
        "-q",
        "-D",
        machine,
        "--register=no",
        "--keep-unit",
        "-b",
        "--console=pipe",
        *RIGHTS,
        *binds,
    ]
    done = subprocess.run(boot, check=False, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL)
    shutil.rmtree(machine, ignore_errors=True)
    files = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in state.glob("*.json")}
    if "observed" not in files:
        pytest.fail(f"the machine did not come up: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    return files


def may_raise_limits():
    """Whether this host lets root raise hard limits (CAP_SYS_RESOURCE).

    Where it does not, LimitRTPRIO= cannot take effect in a container either; the right to SCHED_FIFO then comes as a
    capability, and what is tested is that the unit's filters let it through.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> 24 & 1)


def told(seen):
    assert "second" in seen, seen["observed"]
    return seen["second"]


def test_it_runs_as_its_user_in_its_folder(seen):
    assert told(seen)["user"] == [True, True, True]
    assert seen["observed"]["running"]["User"] == "sideman"


def test_the_clock_gets_its_scheduling_class(seen):
    assert told(seen)["fifo"] == ["", os.SCHED_FIFO]


def test_memory_is_locked(seen):
    if not may_raise_limits():
        pytest.skip("this host does not let root raise its limit of locked memory")
    assert told(seen)["memory"] == ""


def test_the_band_process_starts_at_normal_priority(seen):
    assert told(seen)["band"] == [True, os.SCHED_OTHER]


def test_callbacks_and_the_interpreter_survive_the_memory_filter(seen):
    assert told(seen)["callback"] == 42
    assert told(seen)["numpy_and_interpreter"][0] == 32**3


def test_osc_and_local_sockets_work(seen):
    assert told(seen)["sockets"] == "/sideman/state"


def test_device_nodes_are_as_the_unit_says(seen):
    assert told(seen)["devices"]["/dev/event0"] in {"open", os.strerror(errno.ENODEV), os.strerror(errno.ENXIO)}
    if told(seen)["devices"]["/dev/mem"] == os.strerror(errno.ENXIO):
        pytest.skip("this container does not enforce device rules (no cgroup of its own for them)")
    assert told(seen)["devices"]["/dev/mem"] == os.strerror(errno.EPERM)


def test_what_it_does_not_need_is_refused(seen):
    assert told(seen)["forbidden"] == [os.strerror(errno.EAFNOSUPPORT), os.strerror(errno.EROFS)]


def test_a_hang_is_ended_by_the_watchdog_and_it_comes_back(seen):
    running = seen["observed"]["running"]
    assert (running["ActiveState"], running["NRestarts"], running["StatusText"]) == ("active", "1", "probing")


def test_it_stops_at_once_when_asked(seen):
    stopped = seen["observed"]["stopped"]
    assert (stopped["ActiveState"], stopped["Result"], stopped["ExecMainStatus"]) == ("inactive", "success", "0")

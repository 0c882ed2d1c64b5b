"""What the rig's half in the machine is made with: commands, files, waiting."""

import os
import signal
import subprocess
import time
from pathlib import Path

now = time.monotonic


def sh(command, limit_s=60):
    """Run a command; all of it is ended when it takes longer."""
    with subprocess.Popen(
        ["/bin/sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            out, err = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += f"not done within {limit_s} s"
    return {"rc": process.returncode, "out": out, "err": err}


def must(command):
    done = sh(command)
    if done["rc"]:
        raise RuntimeError(f"{command}: {done['err'] or done['out']}")
    return done["out"]


def read(path):
    return Path(path).read_text(encoding="utf-8", errors="replace")


def write(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def until(condition, limit_s):
    end = now() + limit_s
    while not condition():
        if now() > end:
            return False
        time.sleep(0.01)
    return True


def timed(steps, do):
    """Do something at each of some moments ``[seconds from now, what]``; returns when it was done."""
    begun, told = now(), []
    for at, what in steps:
        time.sleep(max(0, begun + at - now()))
        do(what)
        told.append(now())
    return told

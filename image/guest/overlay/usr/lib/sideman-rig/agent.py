"""Does in this machine what the rig at the other end of a serial line asks for.

Each line in is a JSON object: ``{"id": n, "source": text}`` is Python to run, ``{"id": n, "call": name, "args": []}`` a
function of it. Each line out is ``{"id": n, "value": ...}`` or ``{"id": n, "error": text}``;
the first one has the number 0.
"""
# ruff: noqa: INP001 - a program of the guest's, in no package

import json
import sys
import time
import traceback
import tty
from io import FileIO
from pathlib import Path
from typing import Any


def answer(asked: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Run what was asked; returns the answer without its number."""
    try:
        if "source" in asked:
            exec(compile(asked["source"], "inside.py", "exec"), names)  # noqa: S102 - this is what it is for
            return {"value": None}
        return {"value": names[asked["call"]](*asked.get("args", []))}
    except BaseException:  # noqa: BLE001 - told to who asked
        return {"error": traceback.format_exc()}


def send(line: FileIO, what: dict[str, Any]) -> None:
    """One line out, however little of it the line takes at a time."""
    told = memoryview(json.dumps(what).encode() + b"\n")
    while told:
        told = told[line.write(told) :]


def main(path: str) -> None:
    """Serve the line for ever."""
    while not Path(path).exists():
        time.sleep(0.05)
    names: dict[str, Any] = {"__name__": "inside"}
    with Path(path).open("r+b", buffering=0) as line:
        if line.isatty():
            tty.setraw(line)
        send(line, {"id": 0})
        waiting = b""
        while True:
            got = line.read(65536)
            if not got:  # nobody holds the other end
                time.sleep(0.05)
            waiting += got or b""
            while b"\n" in waiting:
                one, _, waiting = waiting.partition(b"\n")
                if not one.strip():
                    continue
                asked = json.loads(one)
                send(line, {"id": asked["id"], **answer(asked, names)})


if __name__ == "__main__":
    main(sys.argv[1])

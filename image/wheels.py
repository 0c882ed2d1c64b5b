#!/usr/bin/env python3
"""The lines of the runtime's lock file that count on the card's Python, each with its hashes, without conditions.

usage: wheels.py LOCK PYTHON_VERSION      pip itself evaluates conditions for the Python that it runs on.
"""

import re
import sys
from pathlib import Path

from pip._vendor.packaging.markers import Marker  # pip knows the conditions' language; it is here wherever a venv is


def chosen(text: str, version: str) -> list[str]:
    """Requirements of a lock file that hold for a version of Python on 64-bit ARM Linux."""
    machine = {
        "python_version": ".".join(version.split(".")[:2]),
        "python_full_version": version,
        "platform_machine": "aarch64",
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    found = []
    for block in re.split(r"\n(?=\S)", text):
        if block.startswith("#") or not block.strip():
            continue
        head, _, hashes = block.partition("\\\n")
        requirement, _, marker = head.partition(" ; ")
        if not marker or Marker(marker.strip()).evaluate(machine):
            found.append(f"{requirement.strip()} \\\n{hashes.rstrip()}")
    return found


if __name__ == "__main__":
    sys.stdout.write("\n".join(chosen(Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2])) + "\n")

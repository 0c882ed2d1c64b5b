"""Runs as root beside the service: waits for its second life, notes what systemd says of it, stops it, ends the machine."""

import json
import os
import subprocess
import time
from pathlib import Path

STATE = Path("/var/lib/sideman")
WANTED = ["ActiveState", "SubState", "NRestarts", "StatusText", "Result", "ExecMainStatus", "WatchdogUSec", "User"]


def ask():
    shown = subprocess.run(
        ["/usr/bin/systemctl", "show", "sideman", *(f"--property={name}" for name in WANTED)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return dict(line.split("=", 1) for line in shown.stdout.splitlines() if "=" in line)


end = time.monotonic() + 120
while time.monotonic() < end and not (ask().get("SubState") == "running" and (STATE / "second.json").exists()):
    time.sleep(0.2)
seen = {"running": ask()}
start = time.monotonic_ns()
subprocess.run(["/usr/bin/systemctl", "stop", "sideman"], check=False)
seen["stop_s"] = (time.monotonic_ns() - start) / 1e9
seen["stopped"] = ask()
seen["journal"] = subprocess.run(
    ["/usr/bin/journalctl", "-u", "sideman", "-o", "cat", "--no-pager"], check=False, capture_output=True, text=True
).stdout[-4000:]
(STATE / "observed.json").write_text(json.dumps(seen), encoding="utf-8")
if "SIDEMAN_CONSOLE" in os.environ:  # a virtual machine has no folder in common with the test
    found = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in STATE.glob("*.json")}
    Path(os.environ["SIDEMAN_CONSOLE"]).write_text(f"\nFOUND {json.dumps(found)}\n", encoding="ascii")
subprocess.run(["/usr/bin/systemctl", "poweroff", "--force"], check=False)

#!/usr/bin/env python3
"""What is on the card, as a CycloneDX list: Debian packages, Python packages, and what was built from source.

usage: sbom.py VERSION ROOT HARDWARE SITE >sbom.json     ROOT, HARDWARE: trees with a dpkg status; SITE: site-packages
"""

import json
import os
import sys
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

Component = dict[str, Any]


def debian(tree: Path) -> list[Component]:
    """Installed or unpacked packages of a tree."""
    found = []
    for block in (tree / "var/lib/dpkg/status").read_text(encoding="utf-8").split("\n\n"):
        fields = HeaderParser().parsestr(block)
        if fields["Package"] and fields["Version"]:
            name, version, cpu = fields["Package"], fields["Version"], fields["Architecture"]
            found.append(
                {
                    "type": "library",
                    "name": name,
                    "version": version,
                    "purl": f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={cpu}&distro=trixie",
                }
            )
    return found


def python(site: Path) -> list[Component]:
    """Installed Python packages."""
    found = []
    for file in site.glob("*.dist-info/METADATA"):
        fields = HeaderParser().parsestr(file.read_text(encoding="utf-8"))
        name, version = fields["Name"], fields["Version"]
        licence = fields["License-Expression"] or fields["License"] or ""
        each: Component = {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower()}@{version}",
        }
        if licence and len(licence) < 100:
            each["licenses"] = [{"license": {"name": licence}}]
        found.append(each)
    return found


def main() -> None:
    """Print the list, sorted, without anything that changes from run to run."""
    version, root, hardware, site = sys.argv[1], *map(Path, sys.argv[2:5])
    listed = {each["purl"]: each for each in [*debian(root), *debian(hardware), *python(site)]}
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    tree = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "operating-system", "name": "sideman-image", "version": version},
        },
        "components": [listed[purl] for purl in sorted(listed)],
    }
    json.dump(tree, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

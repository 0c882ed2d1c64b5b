"""The builder's own tools: which packages count on the card's Python, what the list of parts says, how parts are joined."""

import hashlib
import json
import lzma
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from image import assemble
from tests.image.machine import LAYOUT, images

from sideman.service.card import extents, read_table
from sideman.service.update_file import opened, unpacked

IMAGE = Path(__file__).parents[2] / "image"
LOCK = """# a comment
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
old==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:cc
new==3.0 ; python_full_version >= '3.12' \\
    --hash=sha256:dd
windows==4.0 ; sys_platform == 'win32' \\
    --hash=sha256:ee
"""


def script(name, *words, **more):
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000", "XZ_LEVEL": "0"}
    words = [sys.executable, IMAGE / name, *words]
    return subprocess.run(words, check=True, capture_output=True, text=True, env=environment, **more).stdout


def test_the_lock_for_the_cards_python(tmp_path):
    (tmp_path / "lock").write_text(LOCK, encoding="utf-8")
    said = script("wheels.py", tmp_path / "lock", "3.13.5")
    assert said.split() == [
        "alpha==1.0",
        "\\",
        "--hash=sha256:aa",
        "\\",
        "--hash=sha256:bb",
        "new==3.0",
        "\\",
        "--hash=sha256:dd",
    ]
    assert "old==2.0" in script("wheels.py", tmp_path / "lock", "3.11.2")


def test_the_list_of_parts_is_sorted_and_always_the_same(tmp_path):
    for tree, name in (("root", "zlib1g"), ("hardware", "raspi-firmware")):
        status = tmp_path / tree / "var/lib/dpkg"
        status.mkdir(parents=True)
        (status / "status").write_text(f"Package: {name}\nVersion: 1:2+3\nArchitecture: arm64\n\n", encoding="utf-8")
    info = tmp_path / "site" / "mido-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: mido\nVersion: 1.3\nLicense-Expression: MIT\n\n", encoding="utf-8")
    words = ("1.0", tmp_path / "root", tmp_path / "hardware", tmp_path / "site")
    said = script("sbom.py", *words)
    assert said == script("sbom.py", *words)
    tree = json.loads(said)
    assert tree["bomFormat"] == "CycloneDX"
    assert [part["name"] for part in tree["components"]] == ["raspi-firmware", "zlib1g", "mido"]
    assert tree["components"][2]["licenses"] == [{"license": {"name": "MIT"}}]


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["assemble.py", str(IMAGE / "layout.toml"), str(tmp_path), "9"])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setenv("XZ_LEVEL", "0")
    parts = images("1", "good")
    for name in ("boot", "root"):
        (tmp_path / f"{name}.img").write_bytes(parts[name])
    for name in ("selector", "data"):
        (tmp_path / f"{name}.img").write_bytes(name.encode() * 1000)
    return tmp_path


def test_the_card_holds_slot_a_and_leaves_slot_b_empty(work):
    assemble.main()
    with (work / "card.img").open("rb") as card:
        places = read_table(card.fileno())
        assert places == extents(LAYOUT)
        for name, file in {"boot-a": "boot", "root-a": "root", "selector": "selector", "data": "data"}.items():
            wanted = (work / f"{file}.img").read_bytes()
            assert os.pread(card.fileno(), len(wanted), places[LAYOUT.named(name).number].start) == wanted
        assert not any(os.pread(card.fileno(), 1 << 20, places[LAYOUT.slot("b").boot].start))


def test_the_update_file_is_what_the_box_reads_and_the_same_each_time(work):
    assemble.main()
    path = work / "sideman-9.update"
    first = path.read_bytes()
    assemble.main()
    assert path.read_bytes() == first
    with opened(path, LAYOUT) as (manifest, tar):
        assert manifest.version == "9"
        for image in manifest.images:
            for slot in "ab":
                data = b"".join(unpacked(tar, image, slot))
                assert data == images("1", "good", slot)[image.name]
                assert hashlib.sha256(data).hexdigest() == image.sums[slot]


def test_an_image_that_does_not_fit_is_told(work):
    with (work / "data.img").open("wb") as file:
        file.truncate(LAYOUT.named("data").size + 1)
    with pytest.raises(SystemExit, match=r"data.img does not fit"):
        assemble.main()


def test_the_update_is_an_uncompressed_tar_of_xz(work):
    assemble.main()
    with tarfile.open(work / "sideman-9.update", "r:") as tar:
        assert tar.getnames() == ["manifest.json", "root.img.xz", "boot.img.xz"]
        assert lzma.decompress(tar.extractfile("root.img.xz").read()) == (work / "root.img").read_bytes()

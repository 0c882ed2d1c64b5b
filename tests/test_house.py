"""The rules of the house, held by tests: floors, clocks, sizes, and what no file may contain."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "firmware_py" / "sideman"
FLOORS = {"service": 6, "edges": 5, "sim": 5, "jam": 4, "band": 3, "models": 2, "music": 1}
MODULES = sorted(PACKAGE.rglob("*.py"))
LAB = sorted((REPOSITORY / "models_tflite" / "lab" / "src").rglob("*.py"))
LONGEST = 500


def name_of(file):
    return str(file.relative_to(REPOSITORY))


def imports(tree):
    """Full names of what a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def calls(tree):
    """Dotted names of what is called or passed: time.time, datetime.now ..."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def floor(module):
    parts = module.split(".")
    return FLOORS.get(parts[1], 0) if parts[0] == "sideman" and len(parts) > 1 else 0


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_imports_go_down_the_floors(file):
    room = file.relative_to(PACKAGE).parts[0]
    own = FLOORS.get(room, 0)
    for module in imports(parsed(file)):
        if module.startswith("sideman_lab"):
            pytest.fail(f"{name_of(file)} imports {module}: the program never needs the lab")
        if floor(module):
            beside = module.split(".")[1] == room or (room, module.split(".")[1]) == ("sim", "edges")
            assert floor(module) < own or beside, f"{name_of(file)} imports {module}, which is not below it"


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_no_wall_clock(file):
    told = {"time.time", "time.time_ns", "time.localtime", "time.ctime", "datetime.now", "datetime.utcnow", "date.today",
            "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"}  # fmt: skip
    tree = parsed(file)
    found = told & set(calls(tree)) | {"time.time", "time.time_ns"} & set(imports(tree))
    assert not found, f"{name_of(file)} reads the wall clock: {found}; time is monotonic_ns here"


@pytest.mark.parametrize("file", [f for f in MODULES if f.relative_to(PACKAGE).parts[0] == "jam"], ids=name_of)
def test_the_jam_knows_no_time_threads_or_files(file):
    found = {"time", "threading", "socket", "asyncio", "select", "sched"} & set(imports(parsed(file)))
    assert not found, f"{name_of(file)} imports {found}: the jam gets its time with the events"
    assert not [node for node in ast.walk(parsed(file)) if isinstance(node, ast.Name) and node.id == "open"]


@pytest.mark.parametrize(
    "room", ["music", "jam", "service.settings", "service.state", "service.realtime", "band.rules"]
)
def test_the_conductors_process_has_no_numpy(room):
    script = f"""
import importlib, pkgutil, sys
room = importlib.import_module("sideman.{room}")
for found in pkgutil.walk_packages(getattr(room, "__path__", []), "sideman.{room}."):
    importlib.import_module(found.name)
print(sorted({{"numpy", "PIL", "tflite_runtime", "ai_edge_litert"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize("file", [*MODULES, *LAB], ids=name_of)
def test_no_module_is_too_long(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("file", [*MODULES, *LAB], ids=name_of)
def test_every_module_says_what_it_is_for(file):
    tree = parsed(file)
    assert not tree.body or ast.get_docstring(tree), f"{name_of(file)} has code and no docstring"


def tracked():
    done = subprocess.run(["git", "ls-files", "-z"], check=False, capture_output=True, text=True, cwd=REPOSITORY)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [REPOSITORY / name for name in done.stdout.split("\0") if name and (REPOSITORY / name).is_file()]


def test_no_file_names_a_machine_or_a_registry():
    # Written in pieces, so that this file does not hold what it looks for.
    hosts = [
        "pypi" + r"\.org",
        "pythonh" + "osted" + r"\.org",
        "deb\\.debian" + r"\.org",
        "artifact" + "registry",
        "registry" + r"\.npmjs",
    ]
    folders = ["/" + "work/", "/" + "root/", r"(?<![\w.])/" + r"tmp/\w", "/" + "home/(?!pi\\b)"]
    # A test may read or write the system's own temporary folder; a program and a document may not name one.
    wrong = re.compile("|".join([*hosts, *folders]))
    found = []
    for file in tracked():
        if file.suffix in {".png", ".tflite", ".npz", ".gif", ".mid", ".ogg", ".jpg", ".gz", ".stl"}:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if wrong.search(line):
                found.append(f"{name_of(file)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_the_top_level_holds_what_it_should():
    top = {file.relative_to(REPOSITORY).parts[0] for file in tracked()}
    assert top <= {
        "pyproject.toml", "firmware_py", "models_tflite", "systemd", "image", "hardware", "tests", "README.md", ".ci", ".github",
        "LICENSE", "NOTICE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", ".gitignore", ".gitattributes", ".editorconfig",
    }, top  # fmt: skip


def test_no_symlink_leads_out_of_the_checkout():
    outside = [name_of(file) for file in tracked() if not file.resolve().is_relative_to(REPOSITORY)]
    assert outside == []


def test_the_lock_has_hashes_and_no_addresses():
    text = (REPOSITORY / "firmware_py" / "requirements.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9-]+==\S+", text, re.MULTILINE)
    assert len(packages) > 10
    assert text.count("--hash=sha256:") >= len(packages)
    assert "://" not in text


def test_the_wheel_holds_the_program_and_its_models_but_not_the_lab(tmp_path):
    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], check=False, capture_output=True, text=True, cwd=REPOSITORY
    )
    if "No module named 'hatchling'" in done.stderr:
        pytest.skip("hatchling is not installed")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "sideman/service/cli.py" in names
    assert {name.split("/")[0] for name in names} <= {"sideman", "sideman_models"} | {
        name.split("/")[0] for name in names if ".dist-info/" in name
    }
    assert not [name for name in names if "lab" in name.split("/")]
    models = [
        p
        for p in (REPOSITORY / "models_tflite" / "sideman_models").iterdir()
        if p.suffix in {".tflite", ".npz", ".json"}
    ]
    assert {f"sideman_models/{p.name}" for p in models} <= set(names)

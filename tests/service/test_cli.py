"""The command line: only the chosen command is imported, and what is missing is said."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sideman
from sideman.service import cli
from sideman.service.settings_text import example


def test_settings_from_the_command_line(capsys, tmp_path):
    assert cli.main(["settings", "--example"]) == 0
    assert capsys.readouterr().out == example()
    assert cli.main(["settings"]) == 0
    assert "tempo.bpm" in capsys.readouterr().out
    file = tmp_path / "s.toml"
    file.write_text("[tempo]\nbpm = 120\n", encoding="utf-8")
    assert cli.main(["settings", "--check", str(file)]) == 0
    assert "all is well" in capsys.readouterr().out
    file.write_text("[tempo]\nbpm = 1\nbmp = 3\n", encoding="utf-8")
    assert cli.main(["settings", "--check", str(file)]) == 1
    assert capsys.readouterr().err.count(str(file)) == 2


def test_a_missing_package_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "sideman.service.settings_command", None)
    assert cli.main(["settings"]) == 2
    assert capsys.readouterr().err.startswith("sideman settings cannot start: ")


def test_version_agrees_with_the_package(capsys):
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert sideman.__version__ == project["project"]["version"]
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert sideman.__version__ in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["settings", "--nonsense"], ["sing"]])
def test_wrong_use_ends_with_2(words):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2


def test_help_imports_nothing_heavy():
    script = (
        "import sys\nfrom sideman.service import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'numpy', 'PIL', 'mido', 'rtmidi'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"

"""Lead sheets of known tunes: what the command says without its engraver, and what it draws with it."""

import importlib.util
import sys

import pytest

from sideman_lab import cli
from sideman_lab.tunes.read import read_half
from sideman_lab.tunes.sheets import TUNES

HERE = importlib.util.find_spec("verovio") is not None


def test_the_tunes_are_of_the_half_that_is_only_looked_at():
    assert set(TUNES) <= {tune.name for tune in read_half("report")}
    assert len(TUNES) == 4


def test_an_unknown_tune_is_refused(tmp_path, capsys):
    assert cli.main(["sheets", "--out", str(tmp_path), "--tunes", "nothing"]) == 2
    assert "joy-to-the-world" in capsys.readouterr().err


def test_without_the_engraver_it_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "verovio", None)
    assert cli.main(["sheets", "--out", str(tmp_path)]) == 1
    assert "pip install" in capsys.readouterr().err


@pytest.mark.skipif(not HERE, reason="pip install 'models_tflite/lab[sheets]'")
def test_a_sheet_is_drawn(tmp_path):
    assert cli.main(["sheets", "--out", str(tmp_path), "--tunes", TUNES[0]]) == 0
    assert (tmp_path / f"{TUNES[0]}.svg").read_text(encoding="utf-8").lstrip().startswith("<svg")

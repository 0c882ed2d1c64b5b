import importlib.util
import json
import types

import pytest

from sideman_lab import cli


def hide(monkeypatch, *names):
    real = importlib.util.find_spec
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None if name in names else real(name))


def put(monkeypatch, name, **members):
    """Put a module in place without importing anything."""
    module = types.ModuleType(name)
    vars(module).update(members)
    real = cli.importlib.import_module
    monkeypatch.setattr(cli.importlib, "import_module", lambda asked: module if asked == name else real(asked))


@pytest.mark.parametrize("family", cli.FAMILIES)
@pytest.mark.parametrize("action", ["train", "export"])
def test_without_the_training_environment_one_line_says_what_to_do(action, family, monkeypatch, capsys):
    hide(monkeypatch, "torch", "tensorflow")
    assert cli.main([action, family, "--smoke"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        f"sideman-lab {action} needs the training environment: run `make lab`, "
        f"then .venv-lab/bin/sideman-lab {action} {family} --smoke\n"
    )


def test_evaluate_needs_no_training_environment(monkeypatch):
    hide(monkeypatch, "torch", "tensorflow")
    seen = []
    put(
        monkeypatch,
        "sideman_lab.drums.evaluate",
        add_arguments=lambda parser: parser.add_argument("--json", action="store_true"),
        run=lambda args: seen.append(args.json) or 7,
    )
    assert cli.main(["evaluate", "drums", "--json"]) == 7
    assert seen == [True]


def test_a_missing_data_folder_is_one_line(monkeypatch, capsys, tmp_path):
    def run(args):
        return cli.data_folder(args.data)

    put(
        monkeypatch,
        "sideman_lab.drums.evaluate",
        add_arguments=lambda parser: parser.add_argument("--data"),
        run=run,
    )
    monkeypatch.delenv("SIDEMAN_DATA", raising=False)
    assert cli.main(["evaluate", "drums"]) == 1
    assert capsys.readouterr().err == "sideman-lab: no data folder: give --data DIR or set SIDEMAN_DATA\n"
    assert cli.main(["evaluate", "drums", "--data", str(tmp_path / "none")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_the_data_folder_is_the_argument_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SIDEMAN_DATA", str(tmp_path))
    (tmp_path / "other").mkdir()
    assert cli.data_folder(None) == tmp_path
    assert cli.data_folder(str(tmp_path / "other")) == tmp_path / "other"


@pytest.mark.parametrize(
    "words", [[], ["train"], ["train", "flute"], ["pieces", "flute", "--out", "x"], ["bake", "drums"]]
)
def test_wrong_words_end_with_status_2(words, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    assert "sideman-lab" in capsys.readouterr().err


def test_pieces_writes_one_piece_a_line(monkeypatch, tmp_path, capsys):
    pieces = [{"id": f"p{i}", "melody": [[0, 4, 60]]} for i in range(5)]
    put(monkeypatch, "sideman_lab.data.openewld", read=lambda folder: iter(pieces))
    out = tmp_path / "pieces.jsonl"
    assert cli.main(["pieces", "openewld", "--data", str(tmp_path), "--out", str(out), "--limit", "3"]) == 0
    assert [json.loads(line) for line in out.read_text().splitlines()] == pieces[:3]
    assert list(tmp_path.iterdir()) == [out]
    assert "3 pieces" in capsys.readouterr().out


def test_a_reader_that_fails_leaves_the_old_file(monkeypatch, tmp_path, capsys):
    def read(folder):
        yield {"id": "p0"}
        raise FileNotFoundError("half of it is missing: give --data DIR")

    put(monkeypatch, "sideman_lab.data.openewld", read=read)
    out = tmp_path / "pieces.jsonl"
    out.write_text("old\n")
    assert cli.main(["pieces", "openewld", "--data", str(tmp_path), "--out", str(out)]) == 1
    assert out.read_text() == "old\n"
    assert "half of it is missing" in capsys.readouterr().err

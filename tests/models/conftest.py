import pytest
from model_kit import DATA


@pytest.fixture
def tiny_folder(tmp_path):
    """A writable copy of the tiny model with its manifest and golden outputs."""
    for path in DATA.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path

"""What is wrong with a settings file, in one sentence that a player can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SettingsError(ValueError):
    """A setting that cannot be used; the text says where, what was found, what is allowed and the nearest known key.

    Attributes:
        file: The file as the user named it, or ``settings`` for a value from the menu, a script or OSC.
        key: Dotted key, empty when the whole file is unreadable.
        found: What stood there.
        allowed: What may stand there, or what to do.
        nearest: The known key most like an unknown one, or an empty string.
    """

    def __init__(self, key: str, found: str, allowed: str, *, file: str = "settings", nearest: str = "") -> None:
        self.file, self.key, self.found, self.allowed, self.nearest = file, key, found, allowed, nearest
        where = f"{file}: {key}" if key else file
        hint = f" (did you mean '{nearest}'?)" if nearest else ""
        super().__init__(f"{where}: found {found}; allowed: {allowed}{hint}")

    def in_file(self, file: str) -> SettingsError:
        """The same trouble, told with the name of the file it stands in."""
        return SettingsError(self.key, self.found, self.allowed, file=file, nearest=self.nearest)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known key most like ``word`` (difflib ratio of 0.6 or more; the last part counts too), or an empty string."""
    names = list(known)
    whole = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if whole:
        return whole[0]
    by_tail = {name.rpartition(".")[2]: name for name in reversed(names)}
    tail = difflib.get_close_matches(word.rpartition(".")[2], list(by_tail), n=1, cutoff=0.75)
    return by_tail[tail[0]] if tail else ""

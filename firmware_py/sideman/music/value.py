"""What is common to the small frozen values that travel between processes by the hundred."""

from __future__ import annotations

from typing import Any


class Value:
    """Base of frozen dataclasses with slots: pickled as a call of the class, which is read faster than field by field.

    What reads a plan shares the interpreter with the clock's thread: a plan of a hundred notes must not hold it up.
    """

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        """The class and its fields in order."""
        return type(self), tuple([getattr(self, name) for name in self.__slots__])

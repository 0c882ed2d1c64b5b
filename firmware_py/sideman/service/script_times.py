"""When a script's lines happen: nanoseconds from the start of the jam, and what comes too late to happen."""

from __future__ import annotations

from pathlib import Path

from sideman.service.script import Script, ScriptError, ScriptFault, ScriptPress, ScriptSet
from sideman.sim.player import Performance, PerformanceError

Line = ScriptPress | ScriptSet | ScriptFault


class Times:
    """Turns places of a performance into moments of the jam.

    Raises:
        PerformanceError: The performance cannot be read.
    """

    def __init__(self, script: Script, midi: Path) -> None:
        self._script = script
        self._performance = Performance(midi)

    def of(self, line: Line) -> int:
        """The moment of a line.

        Raises:
            ScriptError: Its place is not in the performance.
        """
        return self._ns(line.at, line.at_s, self.place(line))

    def end(self) -> int | None:
        """The moment the script ends the jam; None when it does not say."""
        script = self._script
        if script.end_s is None and not script.end:
            return None
        return self._ns(script.end, script.end_s, "[end]")

    def place(self, line: Line) -> str:
        """Where a line stands in the script."""
        script = self._script
        for name, lines in (("press", script.presses), ("set", script.sets), ("fault", script.faults)):
            for number, one in enumerate(lines, 1):
                if one is line:
                    return f"[[{name}]] {number}"
        return "a line"

    def after_end(self) -> list[str]:
        """A sentence for each line that comes after the end and so never happens."""
        script, end = self._script, self.end()
        if end is None:
            return []
        lines: tuple[Line, ...] = (*script.presses, *script.sets, *script.faults)
        late = [line for line in lines if self.of(line) > end]
        return [
            f"{script.file}: {self.place(line)}: at {_told(line.at, line.at_s)}, after the end at "
            f"{_told(script.end, script.end_s)}: left out"
            for line in late
        ]

    def _ns(self, at: str, at_s: float | None, place: str) -> int:
        if at_s is not None:
            return round(at_s * 1e9)
        try:
            return round(self._script.start_s * 1e9) + self._performance.bar_beat_ns(at)
        except PerformanceError as error:
            raise ScriptError(self._script.file, f"{place} at", f"'{at}'", f"a place of the music ({error})") from error


def _told(at: str, at_s: float | None) -> str:
    return at if at_s is None else f"{at_s:g} s"

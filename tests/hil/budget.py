"""Budgets as data: what was measured, beside what is allowed here."""

import tomllib
from pathlib import Path

FILE = Path(__file__).with_name("budgets.toml")
COLUMNS = {"fake": "", "guest": "emulator", "card": "", "pi": "pi"}
NOT_MEASURED = "not measured"


class Budget:
    """The rows of ``budgets.toml`` and what the tests say to them; the worst of several figures counts."""

    def __init__(self, place):
        self._column = COLUMNS[place]
        self.rows = tomllib.loads(FILE.read_text(encoding="utf-8"))
        self.measured = {}

    def limit(self, name):
        """What is allowed here, None where nobody has measured, or in this process."""
        told = self.rows[name].get(self._column, NOT_MEASURED) if self._column else NOT_MEASURED
        return None if told == NOT_MEASURED else float(told)

    def says(self, name, value):
        """Keep a figure; one that was never reached (None) fails at once, one over its budget too."""
        assert value is not None, f"{name}: it never happened"
        self.measured[name] = max(float(value), self.measured.get(name, 0.0))
        limit = self.limit(name)
        assert limit is None or value <= limit, (
            f"{name} is {value:.3g}, {limit:g} {self.rows[name]['unit']} are allowed"
        )

    def exceeded(self):
        return [
            name for name, value in self.measured.items() if (limit := self.limit(name)) is not None and value > limit
        ]

    def table(self):
        """The table as it is printed: one line a row."""
        lines = [f"{'budget':<28}{'unit':<12}{'here':>10}{'emulator':>12}{'pi':>14}  what"]
        for name, row in self.rows.items():
            here = f"{self.measured[name]:.3g}" if name in self.measured else "-"
            pi = row.get("pi", NOT_MEASURED)
            lines.append(f"{name:<28}{row['unit']:<12}{here:>10}{row['emulator']:>12}{pi:>14}  {row['what']}")
        return "\n".join(lines)

"""The band in the caller's own process, for the offline clock: with a chosen latency, silent, or dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sideman.band.ensemble import Ensemble
from sideman.jam.events import BandChanged, PlanReady

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sideman.band.messages import Ask
    from sideman.jam.events import Event

INSTANT_NS = 1_000_000
"""A millisecond: sooner than any frame."""


class InlineBand:
    """A ``BandLink`` that answers at once and posts the answer ahead of its moment.

    Args:
        post: Where events go.
        clock: Monotonic nanoseconds now.
        latency_ns: From ask to answer; None never answers, as a band that hangs.
        models_folder: Folder of the models; None takes the package's own.
        ensemble: A band to use instead of a fresh one (its models need not be loaded again).
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        clock: Callable[[], int],
        latency_ns: int | None = INSTANT_NS,
        models_folder: Path | None = None,
        *,
        ensemble: Ensemble | None = None,
    ) -> None:
        self._post = post
        self._clock = clock
        self.latency_ns = latency_ns
        self._folder = models_folder
        self._ensemble = ensemble or Ensemble(models_folder)
        self._dead = False

    def start(self) -> None:
        """Say that the band is up."""
        self._post(BandChanged(self._clock(), up=True, models=self._ensemble.models))

    def ask(self, ask: Ask) -> None:
        """Answer with a ``PlanReady`` stamped ``latency_ns`` from now."""
        if self._dead or self.latency_ns is None:
            return
        plan = self._ensemble.answer(ask)
        self._post(PlanReady(self._clock() + self.latency_ns, plan))
        self._ensemble.prepare()

    def die(self, why: str = "killed") -> None:
        """From now on no answers, and what the band knew is gone."""
        self._dead = True
        self._ensemble.forget()
        self._post(BandChanged(self._clock(), up=False, why=why))

    def revive(self) -> None:
        """The band is back, knowing nothing."""
        self._dead = False
        self.start()

    def stop(self) -> None:
        """As a process would be stopped."""
        self._dead = True

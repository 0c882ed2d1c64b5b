"""The chord net as the band uses it: encode a frame, step the graph, read posteriors for every horizon."""

from __future__ import annotations

HORIZONS = (-16, -8, 0, 4, 8, 12, 16, 24, 32)
"""Frames from the next frame to the one each chord head speaks of; the first two look back (hindsight)."""
N_AHEAD = 7
"""Heads of change and melody histogram: the last seven horizons, 0 to 8 beats ahead."""

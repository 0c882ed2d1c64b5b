"""Sideman: a stompbox that jams. Floors, top to bottom: service, edges and sim, jam, band, models, music."""

__version__ = "0.1.0"

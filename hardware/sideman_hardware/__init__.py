"""Drawings and enclosure of the box, made from ``pins.toml`` and from the parts' measures."""

"""Tunes that everybody knows, with the chords that people expect under them."""

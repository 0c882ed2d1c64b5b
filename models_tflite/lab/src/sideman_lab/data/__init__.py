"""Readers of the data sets: each gives pieces in one common lead-sheet form."""

"""Quantised TensorFlow Lite models of the band and their manifest, as package data."""

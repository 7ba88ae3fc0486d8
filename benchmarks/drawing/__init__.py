"""Measurements of `digits.drawing`."""

"""Measurements of `digits.images`: made-up photos and how well they are read."""

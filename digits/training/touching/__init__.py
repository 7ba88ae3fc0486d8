"""Touching digits: the strings from which the network of `digits.sheets.digit_strings` learns, and its training."""

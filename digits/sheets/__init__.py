"""Sheets: from the ink of a page to the digits on it, in order: `reading` is where a photo is read.

Grids are found, digits told from other ink, touching ones parted, all put into lines, numbers and cells.
May import: `images` and the rooms below it. Must never import: a room above, Pygame, Streamlit, TensorFlow.
"""

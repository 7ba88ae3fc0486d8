"""Bulk: any number of pictures, from folders and archives, into one table of answers.

A run that is interrupted is resumed where it was. May import: `sheets` and the rooms below it, PyArrow and tqdm.
Must never import: `page`, `window`, `training`, Pygame, Streamlit, TensorFlow.
"""

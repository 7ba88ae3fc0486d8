"""Training: what a network learns from, and how a training is watched, interrupted and resumed.

The network and its recipe are in `handwriting.py`. May import: `images`, `models` and the rooms below them; Keras only
within functions. Must never import: `window`, `page`, Pygame, Streamlit.
"""

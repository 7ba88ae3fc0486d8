"""Drawing: strokes, the canvas that collects them, and what they become: pictures and files.

A drawing is its strokes; every picture of it is rendered from them. May import: `system`, NumPy and,
inside functions, Pillow.
Must never import: a room above, Pygame, Streamlit, TensorFlow.
"""

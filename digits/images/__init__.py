"""Images: the way of a photo, scan or screenshot to the digits in it.

A file is decoded, its ink separated from its paper, a grid found or lines taken away, digits found and put in order.
May import: `recognition` and the rooms below it, Pillow and SciPy. Must never import: a room above, Pygame, Streamlit,
TensorFlow.
"""

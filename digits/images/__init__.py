"""Images: from a file to its ink: photos, scans, screenshots and the pages of a PDF.

A file is decoded, its ink told from its paper, ruled lines taken away, connected ink found and laid out as MNIST's is.
May import: `recognition` and the rooms below it, Pillow and SciPy. Must never import: a room above, Pygame, Streamlit,
TensorFlow.
"""

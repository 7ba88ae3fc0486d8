"""Recognition: from a picture or strokes to an answer that says how sure it is, and the records of answers.

Works with a converted model alone. May import: `drawing`, `system`, NumPy and, inside functions, LiteRT and Jinja2.
Must never import: a room above, Pygame, Streamlit, TensorFlow, Keras.
"""

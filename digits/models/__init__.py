"""Models: from a Keras file that somebody names to a classifier, and what there is to know of a model.

May import: `recognition` and the rooms below it. `conversion` imports Keras and TensorFlow, in a child process.
Must never import: a room above, Pygame, Streamlit.
"""

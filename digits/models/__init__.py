"""Models: from a Keras file to a classifier; model cards, evaluation, explanations and the report.

May import: `recognition` and the rooms below it. `conversion` imports Keras and TensorFlow, in a child process.
Must never import: a room above, Pygame, Streamlit.
"""

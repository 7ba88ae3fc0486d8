"""Models: from a Keras file to a classifier; model cards, evaluation, explanations and the report.

May import: `recognition` and the rooms below it. `conversion`, `adaptation` and `keras_loading` import Keras and
TensorFlow, in a child process or the trainer.
Must never import: a room above, Pygame, Streamlit.
"""

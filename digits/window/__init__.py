"""The window: a Pygame window to draw in, and to be answered in at once.

State, layout and keymap know no Pygame; rendering is a function of the state. May import: `sheets` and the rooms below
it, and Pygame. Must never import: `page`, `training`, Streamlit, TensorFlow.
"""

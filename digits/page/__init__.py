"""The page: a Streamlit page to draw, upload, train and understand, one module for each tab.

Window and trainer are its child processes. May import: `training`, `sheets` and the rooms below them, and Streamlit.
Must never import: `window`, Pygame, TensorFlow.
"""

"""The system: files, folders, child processes and the other things that an operating system gives.

It knows nothing of digits; any program could use it. May import: the standard library, NumPy and loky.
Must never import: another room, Pygame, Streamlit, TensorFlow.
"""

"""The classroom: a class that a teacher opens, in which pupils draw on their phones and a wall shows all digits.

A small server of its own for as long as the class lasts. May import: `recognition`, `drawing` and `system`, Starlette,
Uvicorn, SciPy and Segno. Must never import: a room above, Pygame, Streamlit, TensorFlow.
"""

"""The API: what other programs ask over HTTP, served beside the page under `/api`.

May import: `sheets` and the rooms below it, FastAPI, Pydantic and Starlette.
Must never import: `page`, `window`, `training`, Pygame, Streamlit, TensorFlow.
"""

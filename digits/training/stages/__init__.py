"""The stages of a training that hold for any network and recipe; those of this project are in `handwriting.py`."""

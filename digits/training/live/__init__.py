"""A training as it goes, batch by batch: what is recorded of it for those who watch, and what they may tell it to do.

Uses no Keras: a model comes in, and numbers go out.
"""

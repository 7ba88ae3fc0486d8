"""Inside a network: its layers and weights as data, run with NumPy so that every number on the way can be shown.

May import: what `models` may, but for Keras and TensorFlow.
"""

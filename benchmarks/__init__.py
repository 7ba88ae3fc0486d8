"""How fast the window is and how often it is right: `python -m benchmarks.NAME` prints one JSON object.

Programs: startup, responsiveness, idle, drawn_digits, pen_width, accuracy, training_time. `plain_program` is what the
window is compared with, and `stacks` what the network is.
"""

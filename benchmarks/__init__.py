"""How fast the window is and how often it is right: `python -m benchmarks.NAME` prints one JSON object.

Programs: startup, responsiveness, idle, drawn_digits, pen_width. `plain_program` is what they are compared with.
"""

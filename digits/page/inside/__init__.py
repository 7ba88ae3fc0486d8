"""Look inside: the network as it works on the drawing, live; what a browser asks, and what it is shown.

May import: what the page may, but for its tabs.
"""

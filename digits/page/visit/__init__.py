"""What belongs to one visit: the drawing on the pad, and what the browser keeps of it for a reload.

May import: what the page may, but for its tabs.
"""

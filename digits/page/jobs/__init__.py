"""What the page has other processes do, each followed while it goes on: the window, trainings, many images.

May import: what the page may, but for its tabs.
"""

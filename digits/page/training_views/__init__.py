"""The parts of the tab Train: what can be trained, what goes on, what came of it, and what is kept of all of it.

May import: what the page may, but for its tabs.
"""

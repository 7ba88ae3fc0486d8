"""Reports: self-contained HTML pages, on a model and on trainings, and the curves in them.

May import: what `models` may.
"""

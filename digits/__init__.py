"""Ink, recognition and child processes: what the trainer, the window and the page share."""

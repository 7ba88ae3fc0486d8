"""What a training leaves behind: a checkpoint while it lasts; in the end a model, its card and its converted file."""

"""How long a training takes."""

"""How often the answers are right, and how honest."""

"""How a class of pupils and its wall do."""

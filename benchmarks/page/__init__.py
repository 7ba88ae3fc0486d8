"""How fast and robust the page and its server are."""

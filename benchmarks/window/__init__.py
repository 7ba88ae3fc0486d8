"""How fast, frugal and robust the window is."""

"""The sizes of type in the window; its colours and typefaces are `digits.system.design_tokens`."""

# Sizes of type in pixels, where the layout's unit is 1.
HEADING_SIZE = 24
BODY_SIZE = 18
SMALL_SIZE = 15

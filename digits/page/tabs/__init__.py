"""The tabs of the page, one module each; `show` draws a tab."""

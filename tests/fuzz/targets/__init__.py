"""The readers, and the window, each with inputs made for it."""

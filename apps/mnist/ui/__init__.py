"""The window: draw a digit and watch the network think.

What happens is decided by modules that know no Pygame (`session.py` and what it uses), where things lie by
`layout.py`, how they look by `widgets/`; `window.py` wires the three to Pygame's events.
"""

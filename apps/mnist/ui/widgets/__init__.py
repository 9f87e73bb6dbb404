"""The parts of the window: each draws one thing from the session's state, in the place that the layout gives it."""

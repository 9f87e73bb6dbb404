"""Damaged files and wild hands: whatever the readers and the window are given, they answer as they promise."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

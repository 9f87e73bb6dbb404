"""What `python -m framework` can do, one command a file."""

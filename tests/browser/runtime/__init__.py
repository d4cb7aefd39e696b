"""The runtime of the preview frame, by itself in a browser."""

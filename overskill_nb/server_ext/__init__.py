"""Hosts an engine in a Jupyter server."""

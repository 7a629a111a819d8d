"""The connections: the Options page, the lamp in the status bar, the local server."""

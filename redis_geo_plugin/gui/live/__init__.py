"""Live positions in the window."""

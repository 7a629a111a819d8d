"""Spatial jobs: a queue on Redis Streams that loses nothing. What the desktop, the algorithms and the workers share."""

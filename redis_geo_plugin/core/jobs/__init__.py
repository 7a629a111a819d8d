"""Spatial jobs: a queue on Redis Streams that loses no job, shared by the desktop, the algorithms and the
workers."""

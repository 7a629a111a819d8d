"""A large fleet read by a process of its own, which keeps its rows in files that QGIS reads as a layer."""

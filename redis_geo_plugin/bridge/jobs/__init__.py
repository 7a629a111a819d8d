"""Spatial jobs and QGIS: features into jobs, results into layers, states in words."""

"""Cached operations on the features of QGIS layers."""

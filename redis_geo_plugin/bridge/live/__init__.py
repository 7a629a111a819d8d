"""Live positions as QGIS layers. Importing this imports no redis-py: feeds do that when they start."""

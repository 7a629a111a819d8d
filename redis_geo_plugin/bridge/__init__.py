"""Between core and QGIS's data: layers, CRS, features, settings, authentication, tasks. Never imports gui."""

"""GEO sets: recognising, searching on the ellipsoid, loading and exporting. Longitude and latitude are WGS
84, degrees."""

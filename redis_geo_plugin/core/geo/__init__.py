"""GEO sets: recognised, searched on the ellipsoid, filled and taken out. Longitude and latitude are WGS 84, degrees."""

"""What Redis Geo computes and stores: redis-py, Shapely, pyproj and plain data. Imports neither qgis nor
Qt."""

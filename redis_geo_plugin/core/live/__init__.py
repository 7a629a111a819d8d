"""Live positions: records that producers write, read and judged. No qgis, no Qt."""

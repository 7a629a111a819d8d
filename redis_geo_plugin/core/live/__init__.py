"""Live positions: what producers write, read and judged. No qgis, no Qt."""

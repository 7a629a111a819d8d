"""Features of any geometry: told by their bytes, read from keys, documents and entries, and published."""

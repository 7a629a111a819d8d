"""The Cache dock: an operation, its layers and parameters, and what the cache holds."""

"""Administration of a server: its health, its keys, and what would be lost if it stopped."""

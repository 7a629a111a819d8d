"""What an administrator, or a careful analyst, wants to know of a server: its health, its keys, what would be lost."""

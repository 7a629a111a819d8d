"""The Server dock: whether anything would be lost, the keys, recent results."""

"""Mirrors of the algorithms of others and of the user's models: the same, from the cache."""

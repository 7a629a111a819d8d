"""Native algorithms that compute only what is not stored yet, in several threads: see ``engine.run``."""

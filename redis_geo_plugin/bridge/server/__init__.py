"""The saved connections, and exports of keys."""

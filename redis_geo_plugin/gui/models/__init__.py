"""Models of Processing in the Cache dock: chosen, run with the cache, and each step shown as it goes."""

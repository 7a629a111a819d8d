"""The Search dock: kinds of search, results, marks on the map, the locator and expression functions."""

"""Docks, actions, map tools and the options page. Everything here lives on the main thread and waits for
nothing."""

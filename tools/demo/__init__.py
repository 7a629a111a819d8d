"""``make run``: QGIS with the plugin on a profile, a server and sample data of its own, all under build/demo.

- ``samples/<area>.py``: ``fill(server, url)`` puts an area's sample data on the server; called at every start.
- ``feeds/<area>.py``: ``python -m tools.demo.feeds.<area> URL`` keeps data moving while QGIS is open; ended with it.
- ``scenes/<area>.py``: ``play(stage)`` works the plugin as a user would, where there is no display; ``ORDER`` sorts them.
"""

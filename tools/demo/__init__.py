"""``make run``: QGIS with the plugin on a profile, a server and sample data of its own, all under build/demo.

- ``samples/<area>.py``: ``fill(server, url)`` puts an area's sample data on the server; called at every start.
- ``feeds/<area>.py``: ``python -m tools.demo.feeds.<area>`` (REDIS_GEO_URL in the environment) keeps data moving while QGIS is open; ended with it.
- ``scenes/<area>.py``: ``play(stage)`` works the plugin as a user would, where there is no display; ``ORDER`` sorts them.
  ``arrange(stage)``, where there is one, is called instead where a person sits in front.
"""

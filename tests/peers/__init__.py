"""QGIS's own test cases and test layers, run with the native algorithms and with ours (``make test-peers``).

Nothing here belongs to ``make test``: the cases come with the source package of the installed QGIS, which is fetched by
apt into ``.cache/peers``. Of it nothing is copied into the repository.
"""

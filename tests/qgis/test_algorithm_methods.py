"""No method of an algorithm of ours hides one of QGIS's that the window calls (Python's would win over it)."""

from __future__ import annotations

from qgis.core import QgsProcessingAlgorithm

# Of QgsProcessingAlgorithm, those that are not virtual: QGIS's own must be found under these names.
OF_QGIS = ("create", "id", "postProcess", "prepare", "provider", "run", "runPrepared", "parameterDefinition")


def hidden(algorithm):
    classes = type(algorithm).__mro__
    ours = classes[: classes.index(QgsProcessingAlgorithm)]
    return [name for name in OF_QGIS if any(name in vars(one) for one in ours)]


def test_nothing_of_qgis_is_hidden(algorithms):
    assert {a.name(): hidden(a) for a in algorithms.algorithms() if hidden(a)} == {}


def test_the_check_sees_what_is_hidden():
    class Hiding(QgsProcessingAlgorithm):
        def prepare(self):
            """Hide QGIS's own."""

    assert hidden(Hiding()) == ["prepare"]

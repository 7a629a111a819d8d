"""Help of the algorithms: each and each of its parameters has it, on the page that its button opens."""

from __future__ import annotations

import re

from qgis.core import (
    QgsProcessingParameterNumber,
)
from qgis.PyQt.QtCore import QUrl

from redis_geo_plugin.bridge import documentation
from tests.support.algorithms import algorithms_of


# -- words -----------------------------------------------------------------------------------------------------------
def test_a_0_with_a_meaning_of_its_own_is_told_beside_the_field(algorithms):
    """Where the help begins a sentence with 0, that is no number like the others."""
    told = 0
    for algorithm in algorithms_of():
        for parameter in algorithm.parameterDefinitions():
            special = re.search(r"(^|[.] )0[ :]", parameter.help())
            if isinstance(parameter, QgsProcessingParameterNumber) and special:
                told += 1
                assert "0: " in parameter.description(), (algorithm.id(), parameter.name())
    assert told >= 5


# -- help ------------------------------------------------------------------------------------------------------------
def test_every_algorithm_and_each_of_its_parameters_has_help(algorithms):
    for algorithm in algorithms_of():
        assert len(algorithm.shortHelpString()) > 40, algorithm.id()
        for parameter in algorithm.parameterDefinitions():
            destination = parameter.isDestination()
            assert parameter.help() or destination, (algorithm.id(), parameter.name())


def test_every_algorithm_stands_on_the_page_that_its_help_opens(algorithms):
    for algorithm in algorithms_of():
        page = documentation.PAGES[algorithm.groupId()]
        for path in (documentation.DOCS / f"{page}.md", documentation.DOCS / "fr" / f"{page}.md"):
            assert algorithm.id() in path.read_text(encoding="utf-8"), (algorithm.id(), path)


def test_without_the_window_help_leads_to_the_web(algorithms):
    for algorithm in algorithms_of():
        assert QUrl(algorithm.helpUrl()).scheme() == "https"


def test_no_help_holds_what_the_toolbox_would_take_for_a_tag(algorithms):
    for algorithm in algorithms_of():
        texts = [algorithm.shortHelpString(), *[one.help() for one in algorithm.parameterDefinitions()]]
        assert [text for text in texts if re.search(r"<\w", text)] == [], algorithm.id()

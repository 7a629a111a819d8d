"""What all algorithms of the provider share: the connection parameter, help per parameter, failures in words."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureSink,
    QgsFields,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterString,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QIcon

from ..bridge import connections, words
from ..bridge.compat import is_null
from ..bridge.i18n import RESOURCES, tr
from ..core.cancelling import Cancelled
from ..core.failures import FailureKind, StoreError
from ..core.settings import ConnectionSettings, InvalidUrl

CONNECTION = "CONNECTION"


class RedisGeoAlgorithm(QgsProcessingAlgorithm):
    """Base of the algorithms. A subclass names itself, adds parameters in ``define`` and works in ``work``.

    Parameters added with ``self.add(parameter, help)`` carry their help; the connection is resolved on the main thread
    in ``prepareAlgorithm`` (the authentication database may ask for its master password).
    """

    ICON = "redis_geo"

    def __init__(self) -> None:
        super().__init__()
        self.settings: Optional[ConnectionSettings] = None

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)()

    def icon(self) -> QIcon:
        return QIcon(str(RESOURCES / "icons" / f"{self.ICON}.svg"))

    def svgIconPath(self) -> str:
        return str(RESOURCES / "icons" / f"{self.ICON}.svg")

    def initAlgorithm(self, _configuration: Optional[dict] = None) -> None:
        self.define()
        self.add_advanced(
            QgsProcessingParameterString(CONNECTION, tr("Connection"), optional=True),
            tr(
                "Name of a saved Redis Geo connection. Empty: the one active in the window; without a window, the one "
                "of the environment variable REDIS_GEO_URL."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        raise NotImplementedError

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        """Do the work, off the main thread; failures of the server may be raised as they come.

        An algorithm whose result is a layer raises Cancelled and so returns nothing: the toolbox drops what a cancelled
        run returns, and a script must not take a part for the whole. One that writes to the server may return how much
        it has written."""
        raise NotImplementedError

    def add(self, parameter: QgsProcessingParameterDefinition, help_text: str) -> None:
        """Add a parameter with its help."""
        parameter.setHelp(help_text)
        self.addParameter(parameter)

    def add_advanced(self, parameter: QgsProcessingParameterDefinition, help_text: str) -> None:
        """Add a parameter that the dialog shows folded away, with its help."""
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.add(parameter, help_text)

    def is_given(self, parameters: dict[str, Any], name: str) -> bool:
        """Whether an optional parameter was given."""
        value = parameters.get(name)
        return not is_null(value) and value != ""

    def source_of(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext
    ) -> QgsProcessingFeatureSource:
        """The features of a parameter. Raises QgsProcessingException, which names the layer, where it is not there: within a
        model nobody has looked before."""
        source = self.parameterAsSource(parameters, name, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, name))
        return source

    def sink(
        self,
        parameters: dict[str, Any],
        name: str,
        context: QgsProcessingContext,
        fields: QgsFields,
        wkb_type: QgsWkbTypes.Type,
        crs: QgsCoordinateReferenceSystem,
    ) -> tuple[QgsFeatureSink, str]:
        """Where features are written, and the output's identifier. Raises QgsProcessingException where it cannot be."""
        sink, identifier = self.parameterAsSink(parameters, name, context, fields, wkb_type, crs)
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, name))
        return sink, identifier

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, _feedback: QgsProcessingFeedback
    ) -> bool:
        name = self.parameterAsString(parameters, CONNECTION, context)
        try:
            self.settings = connections.resolve(name)
        except StoreError as error:
            if error.failure.kind is FailureKind.SECRETS_LOCKED:
                raise QgsProcessingException(words.in_words(error.failure)) from error
            if name:
                raise QgsProcessingException(
                    tr("There is no saved connection named {name}.").format(name=name)
                ) from error
            self.settings = self.without_connection(error)
        except InvalidUrl as error:
            raise QgsProcessingException(tr("REDIS_GEO_URL is not a Redis address: {why}").format(why=error)) from error
        return True

    def without_connection(self, error: StoreError) -> Optional[ConnectionSettings]:
        """What to do where no connection is set up: fail with words, unless the algorithm can do without."""
        raise QgsProcessingException(words.in_words(error.failure)) from error

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from ..core.failures import classify
        from ..core.redispy import exceptions

        try:
            return self.work(parameters, context, feedback, self.settings)
        except Cancelled:
            return {}
        except (StoreError, exceptions.RedisError, OSError) as error:
            raise QgsProcessingException(words.with_server_words(classify(error))) from error

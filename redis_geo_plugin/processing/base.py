"""What all algorithms of the provider share: texts, the connection parameter, help for each parameter,
failures in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureSink,
    QgsFields,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterString,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QIcon

from ..bridge import documentation, sources, widgets
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.compat import is_null
from ..bridge.i18n import RESOURCES, tr
from ..bridge.server import connections
from ..bridge.sources import FrozenSource
from ..bridge.words import failures
from ..core.redis.failures import FailureKind, StoreError
from ..core.redis.settings import ConnectionSettings, InvalidUrl
from ..core.watch import Cancelled
from . import in_place
from .checked_sink import CheckedSink
from .native_twin import add_unserved, native_algorithm, refuse_unserved
from .releasing import releasing

CONNECTION = "CONNECTION"


@dataclass(frozen=True)
class AlgorithmText:
    """The texts that the toolbox shows of an algorithm, in the user's language. ``tags`` are separated by
    commas."""

    title: str
    help: str
    tags: str = ""
    summary: str = ""


class RedisGeoAlgorithm(QgsProcessingAlgorithm):
    """Base of the algorithms.

    A subclass sets ``NAME``, ``GROUP`` (one of ``group_title``) and ``ICON``, returns its texts from
    ``text``, adds its parameters in ``define`` and computes in ``work``. A parameter that is added with
    ``self.add(parameter, help)`` carries its help. ``prepareAlgorithm`` resolves the connection on the main
    thread, because the authentication database may ask for its master password.

    ``NATIVE`` is the id of the native algorithm that this one replaces. The search in the toolbox then finds
    it by the native tags too. Parameters that the native algorithm does not have are optional. A native
    parameter that this algorithm does not support is refused by name (``refuse_unserved``), never ignored.
    """

    NAME: ClassVar[str] = ""
    GROUP: ClassVar[str] = ""
    ICON: ClassVar[str] = "redis_geo"
    NATIVE: ClassVar[str] = ""
    NEEDS_CONNECTION: ClassVar[bool] = True  # False: it also works without a connection

    def __init__(self) -> None:
        super().__init__()
        self.settings: Optional[ConnectionSettings] = None
        self._sinks: list[CheckedSink] = []
        self.given: Parameters = {}  # the parameters of ``prepareAlgorithm``

    def text(self) -> AlgorithmText:
        """Return the texts of the toolbox, by ``tr``. QGIS asks for them whenever it shows them."""
        raise NotImplementedError

    def name(self) -> str:
        return self.NAME

    def displayName(self) -> str:
        return self.text().title

    def group(self) -> str:
        return group_title(self.GROUP)

    def groupId(self) -> str:
        return self.GROUP

    def shortDescription(self) -> str:
        return self.text().summary

    def shortHelpString(self) -> str:
        return self.text().help

    def helpUrl(self) -> str:
        """Where the button *Help* leads: in the window to its own help, else to the web."""
        page = documentation.PAGES.get(self.GROUP, documentation.FIRST)
        return documentation.address(page, f"redisgeo:{self.name()}")

    def tags(self) -> list[str]:
        native = native_algorithm(self.NATIVE)
        own = [tag for tag in self.text().tags.split(",") if tag]
        return list(dict.fromkeys([*(native.tags() if native is not None else ()), *own]))

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)()

    def icon(self) -> QIcon:
        return QIcon(str(RESOURCES / "icons" / f"{self.ICON}.svg"))

    def svgIconPath(self) -> str:
        return str(RESOURCES / "icons" / f"{self.ICON}.svg")

    def flags(self) -> QgsProcessingAlgorithm.Flags:
        native = native_algorithm(self.NATIVE)
        own = super().flags()
        editing = QgsProcessingAlgorithm.Flag.FlagSupportsInPlaceEdits
        return own | editing if native is not None and native.flags() & editing else own

    def supportInPlaceEdit(self, layer: QgsMapLayer) -> bool:
        native = native_algorithm(self.NATIVE)
        return native is not None and bool(native.supportInPlaceEdit(layer))

    def initAlgorithm(self, _configuration: Optional[Parameters] = None) -> None:
        self.define()
        for output in self.destinationParameterDefinitions():
            if isinstance(output, QgsProcessingParameterFeatureSink):
                output.setSupportsAppend(True)
        if in_place.by_feature(native_algorithm(self.NATIVE)):
            in_place.attach(self)
        add_unserved(self)
        self.add_connection()

    def add_connection(self) -> None:
        """Add CONNECTION, folded away."""
        self.add_advanced(
            QgsProcessingParameterString(CONNECTION, tr("Connection"), optional=True),
            tr(
                "Name of a saved Redis Geo connection. Empty: the one active in the window; without a "
                "window, the one of the environment variable REDIS_GEO_URL."
            ),
            offers=widgets.CONNECTIONS,
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        raise NotImplementedError

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> Results:
        """Do the work, off the main thread, and return the outputs. Failures of the server may be raised as
        they come.

        When a run is cancelled, an algorithm whose result is a layer raises Cancelled and returns nothing:
        the toolbox drops what a cancelled run returns, and a script must not take a part for the whole. An
        algorithm that writes to the server may return how much it has written.
        """
        raise NotImplementedError

    def add(self, parameter: QgsProcessingParameterDefinition, help_text: str, offers: str = "") -> None:
        """Add a parameter with its help. ``offers``: what the window lists to choose from, a name of
        ``bridge.widgets``."""
        parameter.setHelp(help_text)
        widget = widgets.of(offers)
        if widget is not None:
            parameter.setMetadata({"widget_wrapper": widget})
        native = native_algorithm(self.NATIVE)
        theirs = native.parameterDefinition(parameter.name()) if native is not None else None
        if native is not None and theirs is None:
            # A model or script of the native algorithm does not name it, and must stay valid.
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagOptional)
        if isinstance(theirs, QgsProcessingParameterFeatureSource):
            parameter.setDataTypes(theirs.dataTypes())
        self.addParameter(parameter)

    def add_advanced(
        self, parameter: QgsProcessingParameterDefinition, help_text: str, offers: str = ""
    ) -> None:
        """Add a parameter that the dialog shows folded away, with its help; see ``add``."""
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.add(parameter, help_text, offers)

    def is_given(self, parameters: Parameters, name: str) -> bool:
        """Return whether an optional parameter was given."""
        value = parameters.get(name)
        return not is_null(value) and value != ""

    def source_of(
        self, parameters: Parameters, name: str, context: QgsProcessingContext
    ) -> QgsProcessingFeatureSource:
        """Return the source of a parameter. Raises QgsProcessingException, which names the layer, if there
        is none."""
        return sources.source_of(self, parameters, name, context)

    def freeze(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> FrozenSource:
        """Return the features of a parameter, safe to read in any thread. Raises QgsProcessingException if
        there are none."""
        return sources.freeze(self, parameters, name, context)

    def check_validity(
        self,
        source: FrozenSource,
        value: object,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        """Set what happens to invalid geometries: as chosen for this parameter, or in the options of
        Processing."""
        check, native = sources.geometry_check(value, context), bool(self.NATIVE)
        source.check_validity(check, feedback.reportError if native else feedback.pushWarning, native)

    def sink(
        self,
        parameters: Parameters,
        name: str,
        context: QgsProcessingContext,
        fields: QgsFields,
        wkb_type: QgsWkbTypes.Type,
        crs: QgsCoordinateReferenceSystem,
        new_ids: bool = False,
    ) -> tuple[QgsFeatureSink, str]:
        """Return the sink for the features of an output, and the identifier of the output.

        Args:
            new_ids: a field of the input may come to the output more than once. Where it is the primary key
                of the output (``fid`` of a GeoPackage), the output numbers its features anew.

        Raises:
            QgsProcessingException: the output cannot be written.
        """
        flags = QgsFeatureSink.SinkFlag.RegeneratePrimaryKey if new_ids else QgsFeatureSink.SinkFlags()
        sink, identifier = self.parameterAsSink(parameters, name, context, fields, wkb_type, crs, flags)
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, name))
        self._sinks.append(CheckedSink(sink, identifier, parameters, name))
        return self._sinks[-1], identifier

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        try:
            refuse_unserved(self, parameters)
        except QgsProcessingException as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    @releasing
    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.given = parameters
        unknown = refuse_unserved(self, parameters)  # QGIS does not check the steps of a model
        if unknown:
            feedback.pushWarning(tr("Unknown parameters, not used: {names}").format(names=", ".join(unknown)))
        name = self.parameterAsString(parameters, CONNECTION, context)
        try:
            self.settings = connections.resolve(name)
        except StoreError as error:
            if error.failure.kind is FailureKind.SECRETS_LOCKED:
                raise QgsProcessingException(failures.in_words(error.failure)) from error
            if name:
                raise QgsProcessingException(
                    tr("There is no saved connection named {name}.").format(name=name)
                ) from error
            if self.NEEDS_CONNECTION:
                raise QgsProcessingException(failures.in_words(error.failure)) from error
            self.settings = None
        except InvalidUrl as error:
            raise QgsProcessingException(
                tr("REDIS_GEO_URL is not a Redis address: {why}").format(why=error)
            ) from error
        return True

    @releasing
    def processAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Results:
        from ..core.redis.failures import classify
        from ..core.redis.redispy import exceptions

        try:
            found = self.work(parameters, context, feedback, self.settings)
            for sink in self._sinks:
                sink.finish()
            return found
        except Cancelled:
            return {}
        except (StoreError, exceptions.RedisError, OSError) as error:
            raise QgsProcessingException(failures.with_server_words(classify(error))) from error
        finally:
            self._sinks.clear()


def group_title(group: str) -> str:
    """Return the title of the group with this id, as the toolbox shows it. A new group is one line."""
    return {
        "cache": tr("Cache"),
        "jobs": tr("Jobs"),
        "geosets": tr("GEO sets"),
        "live": tr("Live positions"),
        "features": tr("Features"),
    }.get(group, group)

"""The native algorithm that one of ours replaces: its tags, and its parameters that ours does not support.

Such a parameter is refused by name as soon as it has another value than its default. It is never ignored: the
result would differ from the native one, and nobody would know.
"""

from __future__ import annotations

from typing import ClassVar, Optional, Protocol

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
)

from ..bridge.algorithm_values import Parameters
from ..bridge.compat import is_null
from ..bridge.i18n import tr

# Parameters that native algorithms have in later versions of QGIS only: scripts move from one version to the
# other.
LATER = {
    "native:buffer": ("SEPARATE_DISJOINT",),
    "native:dissolve": ("SEPARATE_DISJOINT",),
    "native:intersection": ("GRID_SIZE",),
}


class Replacing(Protocol):
    """An algorithm of ours that replaces the native one of the id ``NATIVE``."""

    NATIVE: ClassVar[str]

    def id(self) -> str: ...

    def parameterDefinition(self, name: str) -> Optional[QgsProcessingParameterDefinition]:  # noqa: N802
        ...

    def addParameter(self, definition: QgsProcessingParameterDefinition) -> bool: ...  # noqa: N802


def native_algorithm(id: str) -> Optional[QgsProcessingAlgorithm]:
    """Return the native algorithm of this id; None for an empty id, or while Processing does not have it."""
    provider, _, name = id.partition(":")
    # the registry's own search by an id goes through all algorithms of all providers
    found = QgsApplication.processingRegistry().providerById(provider) if id else None
    return found.algorithm(name) if found is not None else None


def has_parameter(id: str, name: str) -> bool:
    """Return whether the native algorithm of this id has this parameter in the running QGIS."""
    native = native_algorithm(id)
    return native is not None and native.parameterDefinition(name) is not None


def add_unserved(algorithm: Replacing) -> None:
    """Add the native parameters that ``algorithm`` does not define, hidden.

    QGIS passes a step of a model only the parameters that are defined. Without this it would drop the others
    silently.
    """
    native = native_algorithm(algorithm.NATIVE)
    for definition in native.parameterDefinitions() if native is not None else ():
        if definition.isDestination() or algorithm.parameterDefinition(definition.name()) is not None:
            continue
        hidden = definition.clone()
        flags = QgsProcessingParameterDefinition.Flag
        hidden.setFlags(hidden.flags() | flags.FlagHidden | flags.FlagOptional)
        hidden.setHelp(tr("Not served by this algorithm: any other value than the default is refused."))
        algorithm.addParameter(hidden)


def refuse_unserved(algorithm: Replacing, parameters: Parameters) -> list[str]:
    """Return the names of parameters that neither algorithm knows.

    Raises QgsProcessingException that names the native parameters which were given but are not supported.
    """
    native = native_algorithm(algorithm.NATIVE)
    refused, unknown = [], []
    for name, value in parameters.items():
        own = algorithm.parameterDefinition(name)
        if own is not None and not own.flags() & QgsProcessingParameterDefinition.Flag.FlagHidden:
            continue
        theirs = native.parameterDefinition(name) if native is not None else None
        if theirs is not None:
            refused += [] if _is_default(theirs, value) else [name]
        elif name in LATER.get(algorithm.NATIVE, ()):
            refused += [name] if value not in (None, "", False, 0) and not is_null(value) else []
        elif own is None:
            unknown.append(name)
    if refused:
        raise QgsProcessingException(
            tr("{algorithm} does not serve {parameters}. Leave it out, or use {native}.").format(
                algorithm=algorithm.id(), parameters=", ".join(refused), native=algorithm.NATIVE
            )
        )
    return unknown


def _is_default(definition: QgsProcessingParameterDefinition, value: object) -> bool:
    """Return whether a value means the same as leaving the parameter out."""
    if is_null(value) or value == "":
        return True
    context = QgsProcessingContext()
    default = definition.defaultValue()
    return definition.valueAsPythonString(value, context) == definition.valueAsPythonString(default, context)

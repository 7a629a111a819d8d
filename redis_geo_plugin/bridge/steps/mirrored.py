"""Which algorithms are mirrored by the provider ``redisgeocache``, and under which names."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingModelAlgorithm,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterVectorDestination,
    QgsProcessingParameterVectorLayer,
)

PROVIDER = "redisgeocache"
NATIVE = "native"
MIRRORED = (NATIVE, "qgis", "3d")  # providers
MODELS = ("model", "project")  # the user's, and those of the project; the first wins where names are equal
MODEL_PREFIX = "model_"

_LAYERS = (
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterVectorLayer,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
)
_VECTOR_OUTPUTS = (QgsProcessingParameterFeatureSink, QgsProcessingParameterVectorDestination)
_FLAGS = QgsProcessingAlgorithm.Flag
_NEVER = _FLAGS.FlagHideFromModeler | _FLAGS.FlagDeprecated


def mirror_name(original_id: str) -> str:
    """The name of the mirror of an algorithm: ``buffer``, ``qgis_rectanglesovalsdiamonds``."""
    provider, _, name = original_id.partition(":")
    return name if provider == NATIVE else f"{provider}_{name}"


def find(algorithm_id: str) -> Optional[QgsProcessingAlgorithm]:
    """The registered algorithm of this id. (QGIS's ``algorithmById`` asks every algorithm there is.)"""
    provider_id, _, name = algorithm_id.partition(":")
    provider = QgsApplication.processingRegistry().providerById(provider_id)
    return provider.algorithm(name) if provider is not None else None


def is_mirrored(algorithm: QgsProcessingAlgorithm) -> bool:
    """Whether a layer goes in, layers of features come out, and nothing keeps the algorithm out of models."""
    definitions = algorithm.parameterDefinitions()
    return (
        not algorithm.flags() & _NEVER
        and any(isinstance(one, _LAYERS) for one in definitions)
        and any(isinstance(one, _VECTOR_OUTPUTS) for one in definitions)
        and can_be_copied(algorithm)
    )


def can_be_copied(algorithm: QgsProcessingAlgorithm) -> bool:
    """Whether all parameters can be cloned: some that are written in Python cannot."""
    try:
        return all(type(one.clone()) is type(one) for one in algorithm.parameterDefinitions())
    except Exception:  # whatever the Python of others raises
        return False


def models() -> list[QgsProcessingModelAlgorithm]:
    """The models of the user and of the project."""
    registry = QgsApplication.processingRegistry()
    providers = [registry.providerById(one) for one in MODELS]
    return [
        algorithm
        for provider in providers
        for algorithm in (provider.algorithms() if provider is not None else ())
        if isinstance(algorithm, QgsProcessingModelAlgorithm)
    ]


def model_names() -> dict[str, str]:
    """The names of the mirrors by the ids of the models. A model of the project whose name the user's own
    models have too is ``model_project_<name>``."""
    names: dict[str, str] = {}
    for model in models():
        name = MODEL_PREFIX + model.name()
        if name in names.values():
            name = f"{MODEL_PREFIX}{model.id().replace(':', '_', 1)}"
        names[model.id()] = name
    return names

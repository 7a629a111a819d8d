"""Whether an expression gives the same for the same feature, and what else its value depends on.

QGIS does not say which functions are volatile, so functions are allowed by their group, and only QGIS's own:
a Python function may stand in any group. Within the allowed groups those are refused that look at the clock,
at chance, at other layers, at files, or at what the key does not hold.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qgis.core import QgsExpression, QgsExpressionContext, QgsExpressionFunction

from ..i18n import tr
from .uncached import Uncached
from .values import Unwritable, tagged

_GROUPS = frozenset(
    ("Math", "GeometryGroup", "Conversions", "String", "Date and Time", "Conditionals", "Arrays", "Maps",
     "Fuzzy Matching", "Color", "Operators")
)  # fmt: skip
_REFUSED = frozenset(
    ("now", "rand", "randf", "exif", "exif_geotag", "ramp_color", "project_color", "project_color_object",
     "transform", "$scale")
)  # fmt: skip
_ALSO = frozenset(("attribute", "var"))
_REFUSED_START = ("overlay_",)
_OWN_VARIABLES = frozenset(("geometry",))  # of the feature, which the key holds
_REFUSED_VARIABLES = re.compile(
    r"row_number|feature|id|layers?|layer_.*|algorithm_id|parent|value|.*_transform_context"
)


def dependencies(text: str, context: QgsExpressionContext) -> dict[str, object]:
    """The values of the variables that the expression names. Raises Uncached for an expression whose value
    may differ for equal features."""
    expression = QgsExpression(text)
    if expression.hasParserError():
        raise Uncached(tr("An expression cannot be read: {text}").format(text=text))
    for name in sorted(expression.referencedFunctions()):
        if not _is_allowed(name):
            raise Uncached(
                tr("The expression function {name} may give another value at another time.").format(name=name)
            )
    return {name: _value(name, context) for name in sorted(expression.referencedVariables())}


def _value(name: str, context: QgsExpressionContext) -> object:
    if name in _OWN_VARIABLES:
        return None
    if not name or _REFUSED_VARIABLES.fullmatch(name) or not context.hasVariable(name):
        raise Uncached(tr("The value of the expression variable @{name} is not known.").format(name=name))
    try:
        return tagged(context.variable(name))
    except Unwritable as error:
        raise Uncached(
            tr("The value of the expression variable @{name} is not known.").format(name=name)
        ) from error


def _is_allowed(name: str) -> bool:
    found = _functions().get(name.lower())
    if found is None or name.lower() in _REFUSED or name.startswith(_REFUSED_START):
        return False
    return name.lower() in _ALSO or (bool(found) and found <= _GROUPS)


@lru_cache(maxsize=1)
def _own_functions() -> frozenset[str]:
    return frozenset(name.lower() for name in QgsExpression.BuiltinFunctions())


def _functions() -> dict[str, frozenset[str]]:
    """QGIS's own functions with their groups, without those that Python put in their place. Asked anew each
    time: functions come and go."""
    return {
        one.name().lower(): frozenset(one.groups())
        for one in QgsExpression.Functions()
        if type(one) is QgsExpressionFunction and one.name().lower() in _own_functions()
    }

"""The ``iface`` of the tests offers no more than QGIS's own: what only it could do would pass here and fail there."""

from __future__ import annotations

import inspect
import re

import pytest
from qgis.gui import QgisInterface

from tests.support.qgis_iface import FakeIface

OWN = {"registered", "close", "bridge", "status"}  # for tests
SHARED = sorted(
    name
    for name, member in vars(FakeIface).items()
    if inspect.isfunction(member) and not name.startswith("_") and name not in OWN
)


def parameters(name):
    """The parameters that QGIS takes, of the form with the most, by the signatures that its bindings document."""
    documented = re.findall(
        rf"^{name}\(self(.*?)\)(?: ->|$)", getattr(QgisInterface, name).__doc__ or "", re.M
    )
    assert documented, f"no signature of {name} is documented"
    return max(text.count(": ") for text in documented)


@pytest.mark.parametrize("name", SHARED)
def test_a_method_takes_what_qgis_takes(name):
    ours = [one for one in inspect.signature(getattr(FakeIface, name)).parameters if one != "self"]
    assert len(ours) <= parameters(name)

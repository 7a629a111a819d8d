"""Without Shapely 2 there is a failure of its own kind, that names what is missing."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

from redis_geo_plugin.core import optional
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify


def test_shapely_2_is_here():
    optional.require_shapely()


@pytest.mark.parametrize("module, words", [(None, "shapely"), ("1.8.5", "shapely 1.8.5")])
def test_missing_or_old_shapely_is_named(monkeypatch, module, words):
    replacement = None
    if module:
        replacement = types.ModuleType("shapely")
        replacement.__version__ = module
    monkeypatch.setitem(sys.modules, "shapely", replacement)
    with pytest.raises(StoreError) as caught:
        optional.require_shapely()
    failure = classify(caught.value)
    assert (failure.kind, failure.words) == (FailureKind.MISSING_PACKAGE, words)


def test_a_package_that_is_not_found_is_named_whatever_imports_it():
    with pytest.raises(ImportError) as caught:
        from no_such_package import anything  # noqa: F401
    failure = classify(caught.value)
    assert (failure.kind, failure.words) == (FailureKind.MISSING_PACKAGE, "no_such_package")


def test_importing_the_operations_without_shapely_says_so():
    code = (
        "import sys; sys.modules['shapely'] = None\n"
        "from redis_geo_plugin.core.redis.failures import StoreError\n"
        "try:\n    import redis_geo_plugin.core.operations\n"
        "except StoreError as error:\n    print(error.failure.kind.value, error.failure.words)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "missing_package shapely\n", done.stderr


@pytest.mark.parametrize("room", ["admin", "geo", "live", "redis"])
def test_what_is_promised_without_shapely_is_imported_without_it(room):
    """Live positions, searches, the Server panel and all connections."""
    code = (
        "import importlib, pkgutil, sys; sys.modules['shapely'] = None\n"
        f"import redis_geo_plugin.core.{room} as room\n"
        "names = [one.name for one in pkgutil.walk_packages(room.__path__, room.__name__ + '.')]\n"
        "print(len([importlib.import_module(name) for name in names]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and int(done.stdout) > 3, done.stderr

"""Before QGIS starts: the profile, the embedded server and the sample data. Quick where all of it is already there.

python -m tools.demo.prepare          prints the server's address, without its password
python -m tools.demo.prepare --stop   ends the server; its data stay
"""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib import import_module

from redis_geo_plugin.core.redis import local_server
from redis_geo_plugin.core.redis.failures import StoreError
from redis_geo_plugin.core.redis.server import Server

from . import places, samples

PLUGIN = "redis_geo_plugin"
LANGUAGE = os.environ.get("REDIS_GEO_DEMO_LANGUAGE", "en_US")
NUMBERS = {"fr": "fr_FR"}.get(LANGUAGE, LANGUAGE)  # how numbers are written, which QGIS asks for apart

# What QGIS reads before any plugin is loaded: no first-run dialogs, tips or news, and the plugins that start.
SETTINGS = {
    "PythonPlugins": {PLUGIN: "true", "processing": "true", "MetaSearch": "false", "db_manager": "false"},
    "migration": {"fileVersion": "2", "firstRunVersionFlag": "99999", "settings": "true"},
    "qgis": {
        "checkVersion": "false",
        "showTips322": "false",
        "showTips340": "false",
        "showTips344": "false",
        "askToSaveMemoryLayers": "false",
        "enableMacros": "0",
        "newsFeed\\enabled": "false",
    },
    "core": {"NewsFeed\\httpsfeedqgisorg\\disabled": "true"},
    "app": {"projections\\unknownCrsBehavior": "UseProjectCrs"},
    "locale": {"overrideFlag": "true", "userLocale": LANGUAGE, "globalLocale": NUMBERS},
    "UI": {"UITheme": os.environ.get("REDIS_GEO_DEMO_THEME", "default")},
    "redis_geo": {"first_steps\\told": "never"},
    "plugin-manager": {"allow-experimental": "false", "check-on-start": "false"},
}


def make_profile() -> None:
    """Write the profile's settings where there are none yet, and link the plugin from the checkout."""
    ini = places.PROFILE / "QGIS" / "QGIS3.ini"
    if not ini.is_file():
        ini.parent.mkdir(parents=True, exist_ok=True)
        groups = (
            f"[{g}]\n" + "".join(f"{k}={v}\n" for k, v in values.items()) for g, values in SETTINGS.items()
        )
        ini.write_text("\n".join(groups), encoding="utf-8")
    link = places.PROFILE / "python" / "plugins" / PLUGIN
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() and link.resolve() != places.ROOT / PLUGIN:
        link.unlink()
    if not link.is_symlink():
        link.symlink_to(places.ROOT / PLUGIN, target_is_directory=True)


def fill(server: Server, url: str) -> None:
    """Let every area put its sample data there."""
    for module in sorted(m.name for m in pkgutil.iter_modules(samples.__path__)):
        import_module(f"{samples.__name__}.{module}").fill(server, url)


def main() -> int:
    if "--stop" in sys.argv:
        return 0 if local_server.stop(places.SERVER) else 1
    make_profile()
    try:
        local = local_server.start(places.SERVER)
    except StoreError as error:
        print(f"demo: the embedded server did not start: {error}", file=sys.stderr)
        return 1
    settings = local.settings(places.CONNECTION)
    server = Server(settings)
    try:
        before = int(server.interactive.dbsize())
        fill(server, _private_url(local))
        print(
            f"demo: server at {settings.url()}, {before} keys from earlier, {server.interactive.dbsize()} now",
            flush=True,
        )
    finally:
        server.close()
    return 0


def _private_url(local: local_server.LocalServer) -> str:
    return f"redis://:{local.password}@{local.host}:{local.port}/0"


if __name__ == "__main__":
    sys.exit(main())

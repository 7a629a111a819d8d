#!/bin/bash
# QGIS with the plugin, an embedded server and sample data, all under build/demo (see tools/demo/__init__.py).
# With a display: opens QGIS and stays. Without one: the same on a virtual screen, plays the scenes, and ends.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/environment.sh

LIMIT=${REDIS_GEO_DEMO_LIMIT:-420} # seconds that the scenes may take
DEMO=${REDIS_GEO_DEMO_DIR:-build/demo}
feeds=()

fail() {
    printf 'demo: FAILED: %s\n' "$*" >&2
    exit 1
}

finish() {
    [ ${#feeds[@]} -gt 0 ] && kill "${feeds[@]}" 2>/dev/null
    python -m tools.demo.prepare --stop || true
}

# Data that keep moving while QGIS is open. The server's address goes by the environment, never by the command line.
start_feeds() {
    local file area
    for file in tools/demo/feeds/*.py; do
        area=$(basename "$file" .py)
        [ "$area" = __init__ ] && continue
        REDIS_GEO_URL=$(python -c 'import sys
from tools.demo import places
from redis_geo_plugin.core.redis import local_server
s = local_server.find(places.SERVER)
print(f"redis://:{s.password}@{s.host}:{s.port}/0")') python -m "tools.demo.feeds.$area" > "$DEMO/feed-$area.log" 2>&1 &
        feeds+=($!)
    done
}

qgis_on_profile() {
    local packages
    packages=$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    # QGIS runs on the system's Python; redis-py, Shapely 2 and the server's program are the venv's
    PYTHONPATH="$packages" REDIS_GEO_DEMO_ROOT=$PWD REDIS_GEO_DEMO_LIMIT=$LIMIT "$@" \
        qgis --profiles-path "$DEMO/profile" --profile demo --nologo --noversioncheck --code tools/demo/start.py
}

mkdir -p "$DEMO" || fail "$DEMO cannot be written"
command -v qgis >/dev/null || fail "qgis is not installed"
python tools/translations.py build >/dev/null || fail "the translation could not be compiled"
trap finish EXIT
trap 'exit 130' INT TERM
python -m tools.demo.prepare || fail "the server or its sample data are missing (see above)"
start_feeds

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -z "${REDIS_GEO_DEMO_PLAY:-}" ]; then
    qgis_on_profile env || fail "QGIS ended with status $?"
    exit 0
fi

command -v xvfb-run >/dev/null || fail "there is no display, and no Xvfb for a virtual one"
rm -f "$DEMO/result.txt"
unset QT_QPA_PLATFORM WAYLAND_DISPLAY
export LIBGL_ALWAYS_SOFTWARE=1 REDIS_GEO_DEMO_PLAY=1
qgis_on_profile timeout --kill-after=15 $((LIMIT + 60)) xvfb-run -a -s "-screen 0 ${REDIS_GEO_DEMO_SCREEN:-1600x1000}x24" \
    2> "$DEMO/qgis.log"
status=$?
if [ "$(cat "$DEMO/result.txt" 2>/dev/null)" != ok ]; then
    tail -n 25 "$DEMO/qgis.log" >&2
    fail "$(cat "$DEMO/result.txt" 2>/dev/null || echo "QGIS ended with status $status before the scenes did (limit: $LIMIT s)")"
fi
echo "demo: all is well; pictures are in $(dirname "$DEMO")/"

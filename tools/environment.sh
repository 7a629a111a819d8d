# shellcheck shell=bash
# Sourced by whatever runs in the checkout: its own Python first on PATH, and what Debian's packages need inside a venv.
redis_geo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$redis_geo_root/.venv/bin:$PATH"
export PYTHONPATH="$redis_geo_root${PYTHONPATH:+:$PYTHONPATH}"
# Debian's pyproj looks for its data beside the venv's Python
if [ -d /usr/share/proj ]; then export PROJ_DATA=${PROJ_DATA:-/usr/share/proj}; fi
unset REDIS_GEO_URL
# Each of the hundreds of processes that tests and demo start would compile all modules anew.
unset PYTHONDONTWRITEBYTECODE

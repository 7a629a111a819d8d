# shellcheck shell=bash
# Sourced by whatever runs in the checkout: its own Python first on PATH, and what Debian's packages need inside a venv.
redis_geo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$redis_geo_root/.venv/bin:$PATH"
export PYTHONPATH="$redis_geo_root${PYTHONPATH:+:$PYTHONPATH}"
# Debian's pyproj looks for its data beside the venv's Python
for redis_geo_proj in /usr/share/proj; do
    if [ -d "$redis_geo_proj" ] && [ -z "${PROJ_DATA:-}" ]; then export PROJ_DATA=$redis_geo_proj; fi
done
unset REDIS_GEO_URL

#!/bin/bash
# Installs what the checkout needs, only where it is missing: Debian packages (as root or with sudo), then a venv in .venv.
# Starts no service: redis-server's program comes with the package redis-tools, which has none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PYTHON=/usr/bin/python3 # QGIS's; the first python3 on PATH may be another
STAMP=.venv/.redis-geo-setup

fail() {
    printf '\nsetup: %s\n' "$*" >&2
    exit 1
}

# The packages of tools/debian-packages.txt that are not installed.
missing_packages() {
    local name installed
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n')
    while read -r name; do
        [[ -z $name || $name == \#* ]] && continue
        grep -qxF "$name installed" <<< "$installed" || printf '%s ' "$name"
    done < tools/debian-packages.txt
}

# Shapely 2: Debian's where it is new enough, else pip's (see requirements-dev.txt).
missing_shapely() {
    ! dpkg-query -W python3-shapely >/dev/null 2>&1 && debian_has_shapely_2 && printf 'python3-shapely'
}

debian_has_shapely_2() {
    local version
    version=$(apt-cache policy python3-shapely 2>/dev/null | awk '/Candidate:/ { print $2 }')
    [ -n "$version" ] && [ "$version" != "(none)" ] && dpkg --compare-versions "$version" ge 2.0.4
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo --preserve-env=http_proxy,https_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,NO_PROXY "$@"
    else
        fail "these Debian packages are missing and this user is neither root nor has sudo: $(missing_packages)
       ask an administrator to run: apt-get install $(missing_packages)"
    fi
}

install_packages() {
    local missing
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        fail "this is not Debian (no apt). Install by your system's own means: QGIS 3.22 or newer with its Python
       packages, Xvfb, xauth and xdotool, redis-server or valkey-server, lrelease (Qt's linguist tools), openssl, iproute2, tcc, and
       the Python packages venv, numpy, scipy and pyproj for the Python that QGIS uses. Then run the tests with
       pip install -r requirements-dev.txt in a venv that sees them, and: python tools/run_tests.py unit qgis integration"
    fi
    missing=$(missing_packages)
    [ -z "$missing" ] && return
    echo "setup: installing $missing"
    as_root apt-get update -q || fail "apt-get update failed: is there a network, and do apt's sources answer?"
    missing="$missing $(missing_shapely || true)" # only now does apt know its candidates
    # shellcheck disable=SC2086 - one word a package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing \
        || fail "apt-get could not install (is there a network, and do apt's sources answer?): $missing"
}

python_packages() {
    [ -x "$PYTHON" ] || fail "there is no $PYTHON, the Python that Debian's QGIS uses"
    if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
        rm -rf .venv
        "$PYTHON" -m venv --system-site-packages .venv || fail "could not make .venv (is python3-venv there?)"
    fi
    local wanted=.venv/requirements.txt
    cp requirements-dev.txt "$wanted"
    if "$PYTHON" -c 'from shapely import from_wkb' 2>/dev/null; then
        # Debian's Shapely 2 computes with the very GEOS that QGIS uses; pip's brings one of its own
        sed -i '/^shapely/d' "$wanted"
        if compgen -G '.venv/lib/python*/site-packages/shapely' >/dev/null; then
            .venv/bin/python -m pip uninstall --quiet --yes shapely
        fi
    fi
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$wanted" \
        || fail "pip could not install requirements-dev.txt: is there a network, and does pip's index answer?"
}

# redis-server by its own name in the venv, where only redis-tools is installed: the same program under another name.
link_redis_server() {
    if ! command -v redis-server >/dev/null && command -v redis-check-rdb >/dev/null; then
        ln -sf "$(command -v redis-check-rdb)" .venv/bin/redis-server
    fi
}

check_qgis() {
    PROJ_DATA=/usr/share/proj QT_QPA_PLATFORM=offscreen .venv/bin/python -c 'import qgis.core, numpy, scipy, pyproj; from shapely import from_wkb' \
        || fail "QGIS's Python packages cannot be imported by .venv/bin/python"
}

wanted() { cat tools/debian-packages.txt requirements-dev.txt tools/setup.sh | sha256sum; readlink -f "$PYTHON"; }

if [ -f "$STAMP" ] && ! { command -v dpkg-query >/dev/null && [ -n "$(missing_packages)" ]; } && [ "$(cat "$STAMP")" = "$(wanted)" ] && [ -x .venv/bin/python ]; then
    exit 0
fi
install_packages
python_packages
link_redis_server
check_qgis
.venv/bin/python tools/translations.py build > /dev/null # so that a linked checkout speaks French too
wanted > "$STAMP"
echo "setup: ready ($(.venv/bin/python -c 'from qgis.core import Qgis; print("QGIS", Qgis.QGIS_VERSION)' 2>/dev/null))"

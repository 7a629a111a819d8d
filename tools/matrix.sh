#!/bin/bash
# The suite on other versions of QGIS, each in a Debian of its own under .cache/matrix (REDIS_GEO_MATRIX names another place).
#
#   tools/matrix.sh                          everything, on this machine's QGIS and in every chroot
#   tools/matrix.sh prepare [SUITE...]       only build the chroots (downloads are kept)
#   tools/matrix.sh run SUITE [PYTEST WORDS] one suite, such as: tools/matrix.sh run sid tests/qgis/test_plugin.py -k unload
#   tools/matrix.sh peers SUITE [WORDS]      QGIS's own cases of that version, such as: tools/matrix.sh peers trixie buffer
#   tools/matrix.sh battery SUITE [WORDS]    which way of caching each algorithm of that version is proved for, into the table
#   tools/matrix.sh shell SUITE              a shell there, the copy of the checkout in /work
#   tools/matrix.sh fresh [TARGET...]        a clone of HEAD in a new Debian 12 with only apt, make and Python: make test run
#
# Suites: trixie (QGIS 3.40, Python 3.13) and sid (QGIS 3.44, Python 3.14). Needs root, for debootstrap and chroot.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${REDIS_GEO_MATRIX:-$root/.cache/matrix}
suites=(trixie sid)
KINDS=${KINDS:-unit qgis integration packaging} # the linters are the same everywhere

# A mount namespace of its own: whatever happens, nothing that is mounted here stays mounted on the machine.
if [ "$(id -u)" = 0 ] && [ -z "${REDIS_GEO_MATRIX_PRIVATE:-}" ]; then
    exec env REDIS_GEO_MATRIX_PRIVATE=1 unshare --mount --propagation private "$BASH" "${BASH_SOURCE[0]}" "$@"
fi

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'matrix: %s\n' "$*" >&2; exit 1; }

# The Debian mirror that this machine's apt uses.
mirror() {
    local codename
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' | awk -v c="$codename" '$1 == c { print $2; exit }'
}

packages() {
    grep -v '^#' "$root/tools/debian-packages.txt"
    echo make
    echo python3-shapely # Shapely 2 there, built against that Debian's numpy
    [ "$1" != sid ] || printf '%s\n' python3-pyqt6 python3-pyqt6.qtsvg # for tools/qt6_names.py
}

# Bring what is needed to reach the network and the registries as this machine does.
copy_configuration() {
    local there=$1 file
    install -d "$there/etc/apt/apt.conf.d" "$there/etc/ssl/certs" "$there/etc/xdg"
    cp -L /etc/resolv.conf /etc/hosts "$there/etc/"
    cp -n /etc/apt/apt.conf.d/* "$there/etc/apt/apt.conf.d/" 2>/dev/null || true
    rm -f "$there"/etc/apt/apt.conf.d/{20packagekit,50appstream,70debconf,docker-no-languages,docker-clean}
    for file in /etc/pip.conf "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" "$HOME/.pip/pip.conf"; do
        [ -f "$file" ] && cp -L "$file" "$there/etc/pip.conf" || true
    done
    [ -d /etc/xdg/pip ] && cp -rL /etc/xdg/pip "$there/etc/xdg/" || true
    if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
        cp -L /etc/ssl/certs/ca-certificates.crt "$there/etc/ssl/certs/ca-certificates.crt"
    fi
    printf '#!/bin/sh\nexit 101\n' > "$there/usr/sbin/policy-rc.d"  # no service ever starts in the chroot
    chmod +x "$there/usr/sbin/policy-rc.d"
}

mounted=()
unmount_all() {
    local index
    for ((index = ${#mounted[@]} - 1; index >= 0; index--)); do
        umount "${mounted[index]}" 2>/dev/null || umount -l "${mounted[index]}" || true
    done
    mounted=()
}
trap unmount_all EXIT
trap 'exit 130' INT TERM

bind() {
    mkdir -p "$2"
    mount --bind "$1" "$2"
    mounted+=("$2")
}

enter() {  # CHROOT COMMAND...: with /proc, /dev and a private /dev/shm; unmounted again whatever happens
    local there=$1 status=0
    shift
    bind "$there" "$there" # ip netns wants / to be a mount of its own
    bind "$cache/debs" "$there/var/cache/apt/archives" # downloads are kept
    bind /proc "$there/proc"
    bind /dev "$there/dev"
    mkdir -p "$there/dev/shm" && mount -t tmpfs tmpfs "$there/dev/shm" && mounted+=("$there/dev/shm")
    chroot "$there" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM="${TERM:-dumb}" \
        DEBIAN_FRONTEND=noninteractive CI="${CI:-}" $(proxy_environment) "$@" || status=$?
    unmount_all
    return "$status"
}

proxy_environment() {
    env | grep -iE '^(https?_proxy|no_proxy|pip_[a-z_]*)=[^ ]*$' || true
}

prepare() {
    local suite=$1 there=$cache/$1 address
    [ "$(id -u)" = 0 ] || fail "a chroot needs root"
    command -v debootstrap >/dev/null || apt-get install -y --no-install-recommends debootstrap
    [ "$(cat "$there/.ready" 2>/dev/null)" != "$(packages "$suite")" ] || return 0
    mkdir -p "$cache"
    (
        flock 8 # apt's downloads are shared: one at a time
        say "building Debian $suite in $there"
        mkdir -p "$cache/debs"
        if [ ! -f "$there/.bootstrapped" ]; then
            rm -rf "$there"
            address=$(mirror)
            [ -n "$address" ] || fail "apt's sources name no Debian mirror"
            debootstrap --variant=minbase --include=ca-certificates --cache-dir="$cache/debs" "$suite" "$there" "$address"
            touch "$there/.bootstrapped"
        fi
        copy_configuration "$there"
        enter "$there" apt-get update 8>&-
        # shellcheck disable=SC2046 - one word a package
        enter "$there" apt-get install -y --no-install-recommends $(packages "$suite") 8>&-
        packages "$suite" > "$there/.ready"
    ) 8> "$cache/debs.lock"
}

# A copy of the checkout as it stands, without what setup and builds leave behind.
copy_checkout() {
    local there=$1/work
    mkdir -p "$there"
    find "$there" -mindepth 1 -maxdepth 1 ! -name .venv ! -name .cache -exec rm -rf {} +
    tar -C "$root" --exclude=./.venv --exclude=./.cache --exclude=./build --exclude=./.git --exclude='__pycache__' --exclude=./.hypothesis --exclude='./.*_cache' -cf - . \
        | tar -C "$there" -xf -
}

# Take a chroot for this run alone, and put a copy of the checkout into it.
take() {
    local suite=$1
    mkdir -p "$cache"
    exec 9> "$cache/$suite.lock"
    flock -n 9 || { say "waiting for another run on Debian $suite"; flock 9; }
    prepare "$suite" 9>&-
    copy_configuration "$cache/$suite"
    copy_checkout "$cache/$suite"
}

run_suite() {
    local suite=$1 status=0
    shift
    take "$suite"
    say "tests on Debian $suite"
    if [ $# -eq 0 ]; then
        enter "$cache/$suite" make -C /work test KINDS="$KINDS" 9>&- || status=1
        if [ "$suite" = sid ]; then
            enter "$cache/$suite" python3 /work/tools/qt6_names.py 9>&- || status=1
        fi
        return "$status"
    else
        enter "$cache/$suite" bash -c 'cd /work && make --no-print-directory setup && . tools/environment.sh && exec python -m pytest "$@"' _ "$@" 9>&-
    fi
}

# QGIS's own cases there (make test-peers).
run_peers() {
    local suite=$1
    shift
    take "$suite"
    enter "$cache/$suite" bash -c 'cd /work && make --no-print-directory setup && . tools/environment.sh && exec python -m tests.peers "$@"' _ "$@" 9>&-
}

# Prove the ways of resources/steps/ways.json there, and bring the table back.
run_battery() {
    local suite=$1
    shift
    take "$suite"
    enter "$cache/$suite" bash -c 'cd /work && make --no-print-directory setup && . tools/environment.sh && exec python -m tests.peers.battery "$@"' _ "$@" 9>&-
    cp "$cache/$suite/work/resources/steps/ways.json" "$root/resources/steps/ways.json"
}

# A Debian with nothing but apt, make and Python, made anew, and a clone of what is committed.
fresh() {
    local there=$cache/fresh codename=bookworm target started word status=0 summary=""
    [ $# -gt 0 ] || set -- test run
    mkdir -p "$cache/debs"
    if [ ! -f "$cache/bare/.bootstrapped" ]; then
        say "building a bare Debian $codename"
        rm -rf "$cache/bare"
        debootstrap --variant=minbase --include=ca-certificates,make,python3 --cache-dir="$cache/debs" \
            "$codename" "$cache/bare" "$(mirror)"
        touch "$cache/bare/.bootstrapped"
    fi
    rm -rf "$there"
    cp -a "$cache/bare" "$there"
    copy_configuration "$there"
    git clone --quiet "$root" "$there/work"
    rm -rf "$there/work/.git/hooks"
    for target in "$@"; do
        say "make $target"
        started=$SECONDS
        enter "$there" make -C /work "$target" && word=ok || { word=FAILED; status=1; }
        summary+="make $target: $word after $((SECONDS - started)) s"$'\n'
    done
    say "a fresh Debian $codename"
    printf '%s' "$summary"
    return "$status"
}

everything() {
    local suite status=0 summary=""
    for suite in here "${suites[@]}"; do
        if [ "$suite" = here ]; then
            make -C "$root" test && summary+="here: ok"$'\n' || { summary+="here: FAILED"$'\n'; status=1; }
        else
            run_suite "$suite" && summary+="$suite: ok"$'\n' || { summary+="$suite: FAILED"$'\n'; status=1; }
        fi
    done
    say "matrix"
    printf '%s' "$summary"
    return "$status"
}

case ${1:-all} in
    all) everything ;;
    prepare)
        shift
        [ $# -gt 0 ] || set -- "${suites[@]}"
        for suite in "$@"; do prepare "$suite"; done
        ;;
    run) shift; [ $# -gt 0 ] || fail "run which suite? ${suites[*]}"; run_suite "$@" ;;
    peers) shift; [ $# -gt 0 ] || fail "peers of which suite? ${suites[*]}"; run_peers "$@" ;;
    battery) shift; [ $# -gt 0 ] || fail "the battery of which suite? ${suites[*]}"; run_battery "$@" ;;
    shell) take "$2"; enter "$cache/$2" bash 9>&- ;;
    fresh) shift; fresh "$@" ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac

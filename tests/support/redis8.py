"""Redis 8 from Debian 13, beside whatever is installed: fetched into the cache at its first use, run with its own libraries.

A cluster of it is a Redis cluster, where ``RealCluster`` else is one of Valkey: ``RealCluster(flavour="redis8")``.
"""

from __future__ import annotations

from tests.support import debian_packages

SUITES = ("trixie",)
PACKAGES = (
    *("redis-server", "redis-tools", "libc6", "libssl3t64", "libsystemd0", "libjemalloc2", "liblua5.1-0"),
    *("lua-bitop", "lua-cjson", "liblzf1", "libatomic1", "libgcc-s1", "libstdc++6", "libcap2", "liblzma5"),
    *("libzstd1", "liblz4-1", "libgcrypt20", "libgpg-error0", "zlib1g"),
)


def command() -> tuple[str, ...]:
    """What starts the server, without its options. Raises RuntimeError where it cannot be had, with the reason."""
    root = debian_packages.unpacked(PACKAGES, SUITES)
    program = next(
        path for path in (root / "usr/bin/redis-check-rdb", root / "usr/bin/redis-server") if path.is_file()
    )
    loader = next(root.glob("usr/lib/*/ld-linux-*.so.*"))
    # The server takes its role from the name that it is called by.
    return (str(loader), "--library-path", str(loader.parent), "--argv0", "redis-server", str(program))

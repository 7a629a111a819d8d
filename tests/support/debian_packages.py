"""Files of Debian packages of another suite than the installed one, unpacked into a folder of the cache.

Nothing is installed, and no right is needed: apt fetches with lists of its own, from the archive that this machine's own
sources name, and checks the archive's signature as ever.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

CACHE = Path(__file__).resolve().parents[2] / ".cache"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DONE = ".complete"


def unpacked(packages: Sequence[str], suites: Sequence[str]) -> Path:
    """The root folder of these packages, fetched at the first use.

    Args:
        packages: names of packages; what they depend on is not fetched.
        suites: where they stand, such as ``("bullseye", "bullseye-security")``; the newest version of all wins.

    Raises:
        RuntimeError: they cannot be had here, with the reason.
    """
    root = CACHE / "debian" / "-".join((suites[0], *packages))
    if (root / DONE).exists():
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(root.parent / f"{root.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several runs of the tests share the cache
        if not (root / DONE).exists():
            shutil.rmtree(root, ignore_errors=True)
            _fetch(root, packages, suites)
            (root / DONE).touch()
    return root


def _fetch(root: Path, packages: Sequence[str], suites: Sequence[str]) -> None:
    apt = root / ".apt"
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text("".join(_source(suite) for suite in suites))
    options = [
        *("-o", f"Dir::Etc::SourceList={apt}/sources.list", "-o", "Dir::Etc::SourceParts=-"),
        *(
            "-o",
            f"Dir::State={apt}",
            "-o",
            f"Dir::State::status={apt}/status",
            "-o",
            f"Dir::Cache={apt}/cache",
        ),
        *("-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"),
    ]
    _run("apt-get", *options, "update", "-q", cwd=apt)
    _run("apt-get", *options, "download", "-q", *packages, cwd=apt / "debs")
    for package in sorted((apt / "debs").glob("*.deb")):
        _run("dpkg-deb", "-x", str(package), str(root), cwd=apt)
    shutil.rmtree(apt)


def _source(suite: str) -> str:
    """A line of sources.list: the archive of the installed system, or that of its security updates.

    Debian sid has no security updates, and a system that debootstrap made names none: these stand beside the archive.
    """
    listed = _run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages")
    archives = [
        address for address, _, release in (line.partition(" ") for line in listed.splitlines()) if release
    ]
    plain = next((one for one in archives if _folder(one) == "debian"), "")
    security = next((one for one in archives if "security" in _folder(one)), "")
    if not security and plain:
        security = plain.rstrip("/") + "-security/"
    address = security if suite.endswith("-security") else plain
    if not address:
        raise RuntimeError(f"apt's sources name no Debian archive to take {suite} from")
    return f"deb [signed-by={KEYRING}] {address} {suite} main\n"


def _folder(address: str) -> str:
    """The first folder of an archive's address: ``debian``, ``debian-security``, or what others are called."""
    return urlsplit(address).path.strip("/").partition("/")[0]


def _run(*words: str, cwd: Path | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:1])} failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout

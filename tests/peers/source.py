"""The tests of the installed QGIS, out of its Debian source package.

apt works with a configuration, lists and cache of its own below ``.cache/peers``; those of the system are only read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "peers"
PROCESSING = "python/plugins/processing/tests/"
WANTED = (PROCESSING, "tests/testdata/")
UNWANTED = ("tests/testdata/control_images/", "tests/testdata/point_clouds/", "tests/testdata/mesh/")
BEFORE = (
    "trixie"  # a release of Debian whose mirrors keep the source of its QGIS, which is near to the newest
)
FETCH = "the source package of QGIS cannot be had (is there a network, and do apt's mirrors hold sources?): "


def fetch() -> Path:
    """The folder with the parts of QGIS's source that are needed, fetched where it is not there yet."""
    name, version = installed()
    there = CACHE / version.replace("+", "_")
    if not (there / ".complete").is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        work = CACHE / "fetching"
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(there, ignore_errors=True)
        _unpack(_download(work, name, version), there)
        (there / ".complete").touch()
        shutil.rmtree(work)
    return there


def installed() -> tuple[str, str]:
    """Name and version of the source package of the installed QGIS."""
    words = ["dpkg-query", "-W", "-f", "${source:Package} ${source:Version}", "python3-qgis"]
    name, version = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    return name, version


def _download(work: Path, name: str, version: str) -> Path:
    """Fetch the source package; where that very version is gone from the mirror the newest there, or that of the release
    before."""
    print(f"fetching the source of {name} {version}", flush=True)
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    own = _sources()
    before = sorted({f"deb-src {line.split()[1]} {BEFORE} main" for line in own if "security" not in line})
    (work / "sources.list").write_text("".join(f"{line}\n" for line in dict.fromkeys([*own, *before])))
    (work / "apt.conf").write_text(
        f'Dir::Etc::SourceList "{work}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n'
        f'Dir::State "{work}/state";\nDir::State::status "/var/lib/dpkg/status";\nDir::Cache "{work}/cache";\n'
        'APT::Sandbox::User "root";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(work / "apt.conf")}
    subprocess.run(
        ["apt-get", "update", "-q"], env=environment, cwd=work, check=False, stdout=subprocess.DEVNULL
    )
    said = ""
    for wanted in (f"{name}={version}", name, f"{name}/{BEFORE}"):
        words = ["apt-get", "source", "-q", "--download-only", "--tar-only", wanted]
        done = subprocess.run(words, env=environment, cwd=work, check=False, capture_output=True, text=True)
        found = [one for one in sorted(work.glob(f"{name}_*.orig.tar.*")) if one.suffix != ".asc"]
        if done.returncode == 0 and found:
            print(f"the cases are those of {found[-1].name}", flush=True)
            return found[-1]
        said += done.stderr
    raise SystemExit(FETCH + said[-2000:])


def _sources() -> list[str]:
    """A line of sources for each Debian archive that the system's apt takes packages from."""
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    words = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted({f"deb-src {line}" for line in lines if "/debian" in line.split()[0]})


def _unpack(archive: Path, there: Path) -> None:
    """Keep only what the cases need; the first folder of the archive is left out."""
    with tarfile.open(archive, "r|*") as opened:
        for member in opened:
            path = member.name.split("/", 1)[-1]
            if not member.isfile() or not path.startswith(WANTED) or path.startswith(UNWANTED):
                continue
            target = (there / path).resolve()
            if there.resolve() not in target.parents:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            content = opened.extractfile(member)
            assert content is not None
            with content, open(target, "wb") as out:
                shutil.copyfileobj(content, out)

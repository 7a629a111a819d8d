"""Docker and Podman: the server in a container, its data in a volume."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess  # nosec B404 - for the type of what is started
from pathlib import Path
from typing import IO, Optional

from ... import watched_process
from ...watch import Watch
from ..failures import Failure, FailureKind, StoreError
from .base import (
    Finder,
    Plan,
    Running,
    ServerProgram,
    ask,
    configuration,
    launch,
    text_of,
    user_id,
)

# Images with the server program that each holds; the first is fetched where none is there.
IMAGES = (
    ("docker.io/valkey/valkey:8", "valkey-server"),
    ("docker.io/valkey/valkey:latest", "valkey-server"),
    ("docker.io/library/redis:8", "redis-server"),
    ("docker.io/library/redis:7", "redis-server"),
    ("docker.io/library/redis:latest", "redis-server"),
)
PORT = 6379  # inside of a container
FETCH_SECONDS = 1800.0


class _Containers(Finder):
    """The container ends with its server and is removed then. It publishes its port to 127.0.0.1 only, and
    reads its settings, the password among them, from its standard input."""

    PATIENCE = 40.0

    def find(self) -> Optional[ServerProgram]:
        """Return an image that is there, else the one that has to be fetched. None where the program is
        missing or has no engine that answers."""
        program = shutil.which(self.NAME)
        if program is None or ask([program, "ps", "--quiet"]) is None:
            return None
        for image, _server in IMAGES:
            if ask([program, "image", "inspect", "--format", "{{.Id}}", image]) is not None:
                return ServerProgram(self.NAME, Path(program), image)
        return ServerProgram(self.NAME, Path(program), IMAGES[0][0], to_fetch=IMAGES[0][0])

    def start(self, found: ServerProgram, plan: Plan, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Run a container in place of one that was left."""
        program, name = str(found.program), container_name(plan.directory)
        ask([program, "rm", "--force", name])
        words = [program, "run", "--rm", "--interactive", "--pull", "never", "--name", name]
        words += ["--publish", f"127.0.0.1:{plan.port}:{PORT}", "--volume", f"{name}:/data"]
        words += [found.inside, dict(IMAGES).get(found.inside, "valkey-server"), "-"]
        return launch(words, output, configuration(plan, bind="0.0.0.0", port=PORT, folder="/data"))  # nosec B104

    def is_ours(self, server: Running, directory: Path) -> bool:
        """Whether the engine says that this container runs and has the port: then nobody else does."""
        program = shutil.which(self.NAME)
        if program is None:
            return False
        form = "{{.State.Running}} {{json .NetworkSettings.Ports}}"
        said = ask([program, "container", "inspect", "--format", form, container_name(directory)])
        running, _, ports = (said or "").partition(" ")
        return running == "true" and _published(ports) == [("127.0.0.1", str(server.port))]

    def clean_up(self, directory: Path) -> None:
        """Remove the container; its volume stays."""
        program = shutil.which(self.NAME)
        if program is not None:
            ask([program, "rm", "--force", container_name(directory)])


class Docker(_Containers):
    """Docker, also Docker Desktop."""

    NAME = "docker"
    DATA = "volume of Docker"


class Podman(_Containers):
    """Podman, which needs no service on Linux."""

    NAME = "podman"
    DATA = "volume of Podman"


def container_name(directory: Path) -> str:
    """The name of the container and of its volume: one for each profile of each user."""
    place = f"{user_id()} {directory.resolve()}"
    return "redis-geo-" + hashlib.sha256(os.fsencode(place)).hexdigest()[:16]


def _published(ports: str) -> list[tuple[str, str]]:
    """The addresses and ports of this computer behind which the container's server is."""
    try:
        bindings = json.loads(ports)[f"{PORT}/tcp"] or []
        return [(one["HostIp"], one["HostPort"]) for one in bindings]
    except (ValueError, KeyError, TypeError):
        return []


def fetch(found: ServerProgram, watch: Watch) -> None:
    """Fetch the image that is missing. Takes minutes: in a background task. Raises StoreError with the
    program's own last words, also where it was cancelled."""
    words = [str(found.program), "pull", "--quiet", found.to_fetch]
    status, output = watched_process.run(words, watch, FETCH_SECONDS)
    said = text_of(output).strip()
    if watch.cancelled():
        raise StoreError(Failure(FailureKind.CANCELLED))
    if status:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, said[-600:] or "stopped"))

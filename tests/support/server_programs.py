"""Programs in a folder of their own that behave as Memurai, Docker, Podman, WSL and Windows's own tools do towards the
plugin, and run a real server of this machine.

``Programs(folder, monkeypatch).add("docker", ...)``: from then on the search path has only that folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.servers import program

HEAD = """#!{python} -IS
import json, os, re, signal, subprocess, sys
from pathlib import Path
STATE = Path({state!r})
SERVER = {server!r}
words = sys.argv[1:]
with open(STATE / "calls", "a") as calls:
    calls.write(json.dumps([Path(sys.argv[0]).name, *words, dict(os.environ).get("REDISCLI_AUTH", "")]) + "\\n")
"""

# A server for Windows takes a configuration file; what it says of its version is given.
FOR_WINDOWS = """
if words == ["--version"]:
    print({version!r})
    sys.exit()
os.execv(SERVER, [SERVER, *words])
"""

# run --rm --interactive --pull never --name N --publish 127.0.0.1:P:6379 --volume N:/data IMAGE SERVER -
CONTAINERS = """
def alive(name):
    pid = STATE / (name + ".pid")
    if not pid.is_file():
        return False
    try:
        stat = Path("/proc", pid.read_text(), "stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"

if not (STATE / "engine").exists():
    print("Cannot connect to the daemon. Is the daemon running?", file=sys.stderr)
    sys.exit(1)
if words[0] == "ps":
    pass
elif words[:2] == ["image", "inspect"]:
    if words[-1] not in (STATE / "images").read_text().split():
        sys.exit("Error: No such image: " + words[-1])
    print("sha256:0")
elif words[0] == "pull":
    if (STATE / "offline").exists():
        sys.exit("dial tcp: no route to host")
    with open(STATE / "images", "a") as images:
        images.write(words[-1] + "\\n")
elif words[0] == "rm":
    name = words[-1]
    if alive(name):
        os.kill(int((STATE / (name + ".pid")).read_text()), signal.SIGKILL)
    (STATE / (name + ".pid")).unlink(missing_ok=True)
elif words[:2] == ["container", "inspect"]:
    name = words[-1]
    if not alive(name):
        sys.exit("Error: No such container: " + name)
    port = (STATE / (name + ".port")).read_text()
    print("true", json.dumps({"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": port}]}))
elif words[0] == "run":
    name = words[words.index("--name") + 1]
    host, port, inside = words[words.index("--publish") + 1].split(":")
    assert (host, inside, words[-1]) == ("127.0.0.1", "6379", "-"), words
    volume = STATE / words[words.index("--volume") + 1].partition(":")[0]
    volume.mkdir(exist_ok=True)
    said = sys.stdin.read()
    for before, after in (("bind 0.0.0.0", "bind 127.0.0.1"), ("port 6379", "port " + port)):
        assert before in said, said
        said = said.replace(before, after)
    said = said.replace('dir "/data"', 'dir "' + str(volume) + '"')
    with subprocess.Popen([SERVER, "-"], stdin=subprocess.PIPE) as server:
        (STATE / (name + ".port")).write_text(port)
        (STATE / (name + ".pid")).write_text(str(server.pid))
        server.communicate(said.encode())
    sys.exit(server.returncode)
else:
    sys.exit("unknown command: " + " ".join(words))
"""

# wsl --list --quiet;  wsl ~ -d NAME -e PROGRAM words
SUBSYSTEM = """
names = (STATE / "distributions").read_text().split()
if words == ["--list", "--quiet"]:
    sys.stdout.buffer.write("".join(name + "\\r\\n" for name in names).encode("utf-16-le"))
    sys.exit(0 if names else 1)
assert words[:2] == ["~", "-d"] and words[3] == "-e", words
home = STATE / words[2]
home.mkdir(exist_ok=True)
os.chdir(home)
command = words[4:]
if command[0] == "which":
    if (home / "has").is_file() and command[1] in (home / "has").read_text().split():
        print("/usr/bin/" + command[1])
        sys.exit()
    sys.exit(1)
if command[0] == "mkdir":
    os.execvp("/bin/mkdir", command)
assert command[0].startswith("/usr/bin/") and command[1:] == ["-"], command
os.execv(SERVER, [SERVER, "-"])
"""

NETSTAT = """
assert words == ["-ano", "-p", "TCP"], words
sockets = {}
for process in Path("/proc").glob("[0-9]*"):
    try:
        for file in (process / "fd").iterdir():
            target = os.readlink(file)
            if target.startswith("socket:["):
                sockets[target[8:-1]] = process.name
    except OSError:
        pass
print("\\r\\nConnexions actives\\r\\n\\r\\n  Proto  Adresse locale         Adresse distante       Etat")
for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
    parts = line.split()
    if parts[3] == "0A" and parts[1].startswith("0100007F"):
        port = int(parts[1].partition(":")[2], 16)
        print(f"  TCP    127.0.0.1:{port}        0.0.0.0:0      LISTENING (\\xc9coute)".encode("latin-1", "replace")
              .decode("latin-1").replace("LISTENING (\\xc9coute)", "ECOUTE") + f"       {sockets.get(parts[9], 0)}")
"""

TASKLIST = """
pid = words[words.index("/FI") + 1].split()[-1]
try:
    name = Path("/proc", pid, "cmdline").read_bytes().split(b"\\0")
    zombie = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] == "Z"
except OSError:
    name, zombie = [b""], True
if zombie:
    print("INFO: No tasks are running which match the specified criteria.")
else:
    print('"wsl.exe","%s","Console","1","9,000 K"' % pid)
"""

SERVICES = """
assert words[0] == "qc", words
known = dict(line.split("=", 1) for line in (STATE / "services").read_text().splitlines())
if words[1] not in known:
    sys.exit(36)
print('[SC] QueryServiceConfig SUCCESS\\r\\n\\r\\nSERVICE_NAME: ' + words[1])
print('        BINARY_PATH_NAME   : "' + known[words[1]] + '" --service-run "C:\\\\x\\\\memurai.conf"')
"""

BODIES = {
    "memurai": FOR_WINDOWS,
    "docker": CONTAINERS,
    "podman": CONTAINERS,
    "wsl": SUBSYSTEM,
    "netstat": NETSTAT,
    "tasklist": TASKLIST,
    "sc.exe": SERVICES,
}


class Programs:
    """A search path with nothing on it but what is added. ``state`` is the folder in which the programs keep what they
    know; ``flavour`` is the server that they run."""

    def __init__(self, folder: Path, monkeypatch, flavour: str = "valkey"):
        self.folder, self.state, self.flavour = folder / "programs", folder / "state", flavour
        for made in (self.folder, self.state):
            made.mkdir(parents=True)
        monkeypatch.setenv("PATH", str(self.folder))

    def add(
        self, name: str, body: str = "", version: str = "Memurai 4.1.2", folder: Path | None = None
    ) -> Path:
        """Put one of ``BODIES``, or another body, on the path (or into another folder) under this name."""
        path = (folder or self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = HEAD.format(python=sys.executable, state=str(self.state), server=str(program_of(self.flavour)))
        body = body or BODIES[name]
        path.write_text(text + (body.format(version=version) if body is FOR_WINDOWS else body))
        path.chmod(0o755)
        return path

    def engine(self, *images: str) -> None:
        """The engine of the containers runs, and has these images."""
        (self.state / "engine").write_text("")
        (self.state / "images").write_text("\n".join((*images, "")))

    def distribution(self, *names: str, servers: str = "") -> None:
        """WSL has these distributions; the last has these server programs."""
        (self.state / "distributions").write_text("\n".join(names))
        if names:
            (self.state / names[-1]).mkdir(exist_ok=True)
            (self.state / names[-1] / "has").write_text(servers)

    def calls(self) -> str:
        """Everything that was said to the programs on their command lines."""
        path = self.state / "calls"
        return path.read_text() if path.is_file() else ""


_known: dict[str, Path] = {}


def program_of(flavour: str) -> Path:
    """The real server, looked for before the search path was changed."""
    if flavour not in _known:
        _known[flavour] = program(flavour).resolve()
    return _known[flavour]


for _flavour in ("redis", "valkey"):
    program_of(_flavour)

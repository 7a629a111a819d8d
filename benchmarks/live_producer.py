"""A fleet that moves, in a process of its own: python -m benchmarks.live_producer PORT VEHICLES CHANGES_A_SECOND SECONDS

Writes the tutorial's keys ``vehicule:<n>``, each with the time of its writing, evenly over each second. Prints "ready" when
all stand there, begins at the first line of its input, and tells at the end how late it was at most.

It must not be what is measured: commands stand ready as bytes, in which only the time is filled in, and the server is
asked for no answers.
"""

from __future__ import annotations

import socket
import sys
import time
from datetime import datetime, timezone

PIECE = 500  # commands a write
TURNS = 4  # ways a vehicle goes on: it moves each turn, and comes by the same place again after so many
ACROSS, LINES = 400, 320  # places of vehicles, within what the map shows; those beyond stand a little beside
STAMP = b"@" * 26
RECORD = (
    '{{"latitude": {lat:.6f}, "longitude": {lon:.6f}, "timestamp": "{stamp}", "speed": {speed}.5, '
    '"heading": {heading}, "line": "T{line}"}}'
)


def command(number: int, turn: int, stamp: str) -> bytes:
    """The SET of one vehicle, as the server reads it."""
    text = RECORD.format(
        lat=-60.0 + number // ACROSS % LINES * 0.4 + turn % TURNS * 0.002,
        lon=-170.0 + number % ACROSS * 0.8 + number // (ACROSS * LINES) * 0.01 + turn % TURNS * 0.004,
        stamp=stamp,
        speed=turn % TURNS * 7 + number % 7,
        heading=(number + turn % TURNS * 7) % 360,
        line=number % 7,
    ).encode()
    key = b"vehicule:%d" % number
    return b"*5\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n$2\r\nEX\r\n$4\r\n3600\r\n" % (
        len(key),
        key,
        len(text),
        text,
    )


def pieces(vehicles: int, changes: int) -> list[list[bytes]]:
    """What is sent, ready but for the time: [turn][piece]."""
    size = min(PIECE, max(changes // 20, 1))  # at least 20 writes a second
    return [
        [
            b"".join(command(n, turn, STAMP.decode()) for n in range(start, min(start + size, vehicles)))
            for start in range(0, vehicles, size)
        ]
        for turn in range(TURNS)
    ]


def now() -> bytes:
    return datetime.now(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds").encode()


def main() -> None:
    port, vehicles, changes, duration = (
        int(sys.argv[1]),
        int(sys.argv[2]),
        int(sys.argv[3]),
        float(sys.argv[4]),
    )
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$3\r\nOFF\r\n")
    ready = pieces(vehicles, changes or vehicles)
    for piece in ready[0]:
        connection.sendall(piece.replace(STAMP, now()))
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.monotonic()
    size = min(PIECE, max(changes // 20, 1))
    sent, latest = 0, 0.0
    while changes and time.monotonic() - started < duration:
        turn, place = divmod(sent, len(ready[0]))
        wait = started + sent * size / changes - time.monotonic()
        if wait > 0.0:
            time.sleep(wait)
        latest = max(latest, -wait)
        connection.sendall(ready[(turn + 1) % TURNS][place].replace(STAMP, now()))
        sent += 1
    print(f"late {latest:.3f}", flush=True)


if __name__ == "__main__":
    main()

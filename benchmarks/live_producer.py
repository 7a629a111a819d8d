"""A fleet that moves, in a process of its own: python -m benchmarks.live_producer PORT VEHICLES CHANGES_A_SECOND SECONDS

Writes the tutorial's keys ``vehicule:<n>`` each with the time of its writing; commands are packed here, because
redis-py's packing of 100,000 commands a second would need a core of its own.
"""

from __future__ import annotations

import socket
import sys
import time
from datetime import datetime, timezone

PIECE = 500


def command(number: int, turn: int, stamp: str) -> bytes:
    lat = -60.0 + (number // 400) * 0.4 + turn % 50 * 0.002
    lon = -170.0 + (number % 400) * 0.8 + turn % 50 * 0.004
    text = (
        f'{{"latitude": {lat:.6f}, "longitude": {lon:.6f}, "timestamp": "{stamp}", "speed": {turn % 30}.5, '
        f'"heading": {(number + turn * 7) % 360}, "line": "T{number % 7}"}}'
    ).encode()
    key = b"vehicule:%d" % number
    return b"*5\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n$2\r\nEX\r\n$4\r\n3600\r\n" % (len(key), key, len(text), text)


def now() -> str:
    return datetime.now(timezone.utc).replace(tzinfo=None).isoformat()


def write(connection: socket.socket, numbers: list[int], turn: int) -> None:
    for start in range(0, len(numbers), PIECE):
        stamp = now()
        connection.sendall(b"".join(command(n, turn, stamp) for n in numbers[start : start + PIECE]))
    connection.setblocking(False)
    try:
        while connection.recv(1 << 20):
            pass  # the OKs
    except BlockingIOError:
        pass
    connection.setblocking(True)


def main() -> None:
    port, vehicles, changes, duration = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    connection = socket.create_connection(("127.0.0.1", port))
    write(connection, list(range(vehicles)), 0)
    print("ready", flush=True)
    sys.stdin.readline()
    started = time.monotonic()
    turn = position = 0
    while changes and time.monotonic() - started < duration:
        turn += 1
        numbers = [(position + i) % vehicles for i in range(changes)]
        position = (position + changes) % vehicles
        write(connection, numbers, turn)
        time.sleep(max(started + turn - time.monotonic(), 0.0))
    print(f"turns {turn} seconds {time.monotonic() - started:.1f}", flush=True)


if __name__ == "__main__":
    main()

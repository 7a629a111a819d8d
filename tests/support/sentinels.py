"""A primary with replicas, watched by sentinels: real processes."""

from __future__ import annotations

import time

from redis_geo_plugin.core.redis.settings import ConnectionSettings, Deployment
from tests.support.patience import PATIENCE

from .servers import WITH_US, RealServer, program

SERVICE = "mymaster"
DOWN_AFTER_MS = 600


class RealSentinels:
    """``replicas`` behind one primary, and three sentinels of which two must agree."""

    def __init__(self, flavour: str = "redis", replicas: int = 1, sentinels: int = 3, password: str = ""):
        self.flavour = flavour
        self.primary = RealServer(flavour, "--repl-diskless-sync-delay", "0")
        self.replicas: list[RealServer] = []
        self.sentinels: list[_Sentinel] = []
        try:
            for _ in range(replicas):
                self.replicas.append(
                    RealServer(flavour, "--replicaof", f"{self.primary.host} {self.primary.port}")
                )
            self._wait(self._replicated, "the replicas")
            for _ in range(sentinels):
                self.sentinels.append(_Sentinel(flavour, self.primary, password))
            self._wait(lambda: all(s.knows(replicas, sentinels - 1) for s in self.sentinels), "the sentinels")
        except BaseException:
            self.close()  # nobody else knows of those that have started
            raise

    def _replicated(self) -> bool:
        with self.primary.client() as client:
            info = client.info("replication")
        return sum(
            info.get(f"slave{i}", {}).get("state") == "online" for i in range(len(self.replicas))
        ) == len(self.replicas)

    @staticmethod
    def _wait(predicate, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not predicate():
            assert time.monotonic() < deadline, what
            time.sleep(0.05)

    def wait_for_failover(self) -> None:
        """Until the sentinels agree on another primary."""
        self._wait(
            lambda: all(s.primary_port() != self.primary.port for s in self.sentinels), "another primary"
        )

    def settings(self, **more) -> ConnectionSettings:
        first, *others = self.sentinels
        nodes = tuple((s.host, s.port) for s in others)
        return ConnectionSettings(
            name="test",
            host=first.host,
            port=first.port,
            deployment=Deployment.SENTINEL,
            service=SERVICE,
            nodes=nodes,
            **more,
        )

    def close(self) -> None:
        for real in (*self.sentinels, *self.replicas, self.primary):
            real.close()


class _Sentinel(RealServer):
    """The same program, told to be a sentinel. Its file of settings is its own to rewrite."""

    def __init__(self, flavour: str, primary: RealServer, password: str = ""):
        self._primary = primary
        self._password = password
        super().__init__(flavour)

    def start(self) -> None:
        settings = self.directory / f"sentinel-{self.port}.conf"
        if not settings.exists():
            settings.write_text(
                f"port {self.port}\nbind {self.host}\ndir {self.directory}\nprotected-mode no\n"
                f"sentinel monitor {SERVICE} {self._primary.host} {self._primary.port} 2\n"
                f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER_MS}\n"
                f"sentinel failover-timeout {SERVICE} 3000\n"
                + (f"requirepass {self._password}\n" if self._password else "")
            )
        self.words = [*WITH_US, str(program(self.flavour)), str(settings), "--sentinel"]
        super().start()

    def knows(self, replicas: int, others: int) -> bool:
        with self.client(decode_responses=True, password=self._password or None) as client:
            answer = client.execute_command("SENTINEL MASTER", SERVICE)
            found = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2]))
        return (int(found["num-slaves"]), int(found["num-other-sentinels"])) == (replicas, others)

    def primary_port(self) -> int:
        with self.client(password=self._password or None) as client:
            return int(client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", SERVICE)[1])

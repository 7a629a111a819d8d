"""What a new connection says first; a server that refuses the name is used without it."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.redis import greeting
from redis_geo_plugin.core.redis.redispy import exceptions


class Connection:
    """Notes what was sent; ``answers`` are replies or errors to raise, in turn."""

    def __init__(self, *answers):
        self.answers, self.sent, self.greeted = list(answers), [], 0

    def on_connect(self):
        self.greeted += 1

    def send_command(self, *words, check_health):
        assert not check_health, "nothing else is sent on a connection that is being made"
        self.sent.append(words)

    def read_response(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def say_hello(connection, in_cluster=False):
    greeting.options(in_cluster)["redis_connect_func"](connection)


def test_password_and_database_come_first_and_then_the_name():
    connection = Connection(b"OK")
    say_hello(connection)
    assert connection.greeted == 1
    assert connection.sent == [("CLIENT", "SETNAME", greeting.CLIENT_NAME)]


def test_within_a_cluster_redis_py_has_greeted_already():
    connection = Connection(b"OK")
    say_hello(connection, in_cluster=True)
    assert connection.greeted == 0 and len(connection.sent) == 1


@pytest.mark.parametrize("words", ["NOPERM this user has no permissions", "unknown command 'CLIENT'"])
def test_a_refused_name_is_done_without(words):
    connection = Connection(exceptions.ResponseError(words))
    say_hello(connection)
    assert connection.greeted == 1 and connection.answers == []


@pytest.mark.parametrize("error", [exceptions.TimeoutError("silent"), exceptions.ConnectionError("closed")])
def test_a_failure_of_another_kind_is_raised(error):
    """A proxy that closes the connection is told from one that broke by ``closings``, not here."""
    with pytest.raises(type(error), match=str(error)):
        say_hello(Connection(error))

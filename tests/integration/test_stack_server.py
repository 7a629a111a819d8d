"""The Redis Stack of the tests is a real one, with the three modules that they need."""

from __future__ import annotations


def test_the_stack_keeps_documents_series_and_indexes(stack_server):
    with stack_server.client() as client:
        client.execute_command("JSON.SET", "v:1", "$", '{"at": "2.35,48.85"}')
        client.execute_command("TS.ADD", "lat", 1, 48.85)
        client.execute_command("FT.CREATE", "i", "ON", "JSON", "SCHEMA", "$.at", "AS", "at", "GEO")
        assert client.execute_command("JSON.GET", "v:1", "$.at") == b'["2.35,48.85"]'
        assert client.type("v:1") == b"ReJSON-RL" and client.type("lat") == b"TSDB-TYPE"
        assert client.execute_command("FT._LIST") == [b"i"]


def test_the_next_test_finds_it_empty(stack_server):
    with stack_server.client() as client:
        assert client.dbsize() == 0 and client.execute_command("FT._LIST") == []


def test_what_sources_register_as_reading_does_not_write(stack_server):
    """The server's own word: none of the commands that pass the gate is flagged as one that writes."""
    from redis_geo_plugin.core.features import indexes
    from redis_geo_plugin.core.live import declared
    from redis_geo_plugin.core.live.sources import KINDS, source_class

    names = {name.replace("|", " ").split()[0] for kind in KINDS for name in source_class(kind).COMMANDS}
    with stack_server.client() as client:
        for name in sorted(names | set(declared.COMMANDS) | set(indexes.COMMANDS)):
            (info,) = client.execute_command("COMMAND", "INFO", name).values()
            assert "write" not in info["flags"], name

"""Indexes of the query engine, and the members that a search of them finds."""

from __future__ import annotations


def index(admin, name, *words):
    admin.execute_command("FT.CREATE", name, *words)


def members(found):
    return sorted(member.decode() for member in found.hits.members)

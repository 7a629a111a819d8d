"""A worker on this computer in words: why it ended, and why none with the right GEOS can be started."""

from __future__ import annotations

from ..i18n import tr


def ended_in_words(code: int) -> str:
    """Say that the worker has ended by itself. ``code`` is its exit code, negative for a signal."""
    reasons = {
        1: tr("it failed"),
        2: tr("the address of the connection cannot be used"),
        3: tr("the server is away"),
        4: tr("the server refused it (password, rights, certificate or database)"),
    }
    why = reasons.get(code) or tr("exit code {code}").format(code=code)
    return tr("The worker on this computer has ended: {why}.").format(why=why)


def other_geos_in_words(wanted: str, theirs: str) -> str:
    """Say why no worker is started: its results would not be those of this QGIS."""
    if not theirs:
        return tr("A worker needs Python packages that this QGIS does not have.")
    return tr(
        "A worker with the Python of this QGIS would compute with GEOS {theirs}, not with GEOS {wanted} as "
        "this QGIS does. With packages of its own it computes the same."
    ).format(theirs=theirs, wanted=wanted)

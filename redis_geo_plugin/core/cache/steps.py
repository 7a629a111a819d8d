"""Obtains the results that the cache lacks: claims, computes and stores those that are free, and waits for
those that others compute.

The run of a window and the process of a worker both use it. They differ (threads there, slices of time here)
in ``compute`` only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Callable

from .claims import Claims
from .items import AnyItem, Item

Copies = list[Item]  # equal items: the first is computed, the others get its result


def take_or_await(
    claims: Claims,
    missing: dict[bytes, list[AnyItem]],
    compute: Callable[[list[list[AnyItem]]], list[list[AnyItem]]],
    taken: Callable[[list[list[AnyItem]]], object],
    while_waiting: Callable[[], None],
    unclaimed: Collection[bytes] = (),
) -> list[list[AnyItem]]:
    """Obtain the results of items that the cache lacks.

    Args:
        claims: of the run.
        missing: the items by digest, as ``CacheStore.look_up`` returns them.
        compute: computes and stores the first of each group of copies; returns those not begun.
        taken: gets the items whose results others have computed, with these results.
        while_waiting: called at short intervals while others compute; may raise to stop waiting.
        unclaimed: digests to compute without a claim, because the claim of a dead process may still exist.

    Returns:
        The items that were not begun. Their claims are released.
    """
    ours, theirs = claims.take([digest for digest in missing if digest not in unclaimed])
    left = compute([missing[digest] for digest in (*(d for d in missing if d in unclaimed), *ours)])
    waiting = dict.fromkeys(theirs)
    if not left and waiting:
        for found in claims.rounds(theirs, while_waiting):
            ready = [(missing[digest], wkb) for digest, wkb in found if wkb is not None]
            for copies, wkb in ready:
                for item in copies:
                    item.result = wkb
            if ready:
                taken([copies for copies, _ in ready])
            for digest, _ in found:
                del waiting[digest]
            left = compute([missing[digest] for digest, wkb in found if wkb is None])
            if left:
                break
    if left:
        left = [*left, *(missing[digest] for digest in waiting)]
        claims.release([copies[0].digest for copies in left])
    return left

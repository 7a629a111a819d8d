"""What waits for the window, against a dict that does the same one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live.waiting import Waiting

SLOTS = st.integers(0, 700)
STEPS = st.one_of(
    st.tuples(st.just("add"), st.lists(SLOTS, unique=True, max_size=30)),
    st.tuples(st.just("drop"), SLOTS),
    st.tuples(st.just("take"), st.one_of(st.none(), st.integers(1, 20))),
    st.tuples(st.just("clear"), st.none()),
)


@given(st.lists(STEPS, max_size=40))
def test_each_slot_is_handed_out_once_with_its_newest_and_in_its_turn(steps):
    waiting, model, due = Waiting(), {}, []
    for number, (step, said) in enumerate(steps):
        if step == "add":
            waiting.add(np.array(said, np.int64), [(slot, number) for slot in said])
            model.update({slot: (slot, number) for slot in said})
        elif step == "drop":
            waiting.drop(said)
            model.pop(said, None)
        elif step == "clear":
            waiting.clear()
            model, due = {}, []
        else:
            due = due or sorted(model)
            part, due = due[:said], due[len(due) if said is None else said :]
            expected = [(slot, model.pop(slot)) for slot in part if slot in model]
            slots, ready = waiting.take(said)
            assert list(zip(slots.tolist(), ready)) == expected
        assert (len(waiting), waiting.due) == (len(model), len(due))


def test_a_slot_that_another_vehicle_has_by_now_is_handed_out_as_that_ones():
    waiting = Waiting()
    waiting.add(np.array([1, 2, 3]), ["one", "two", "three"])
    waiting.take(1)
    waiting.drop(2)
    waiting.add(np.array([2]), ["another"])
    slots, ready = waiting.take(2)
    assert (slots.tolist(), ready) == ([2, 3], ["another", "three"])

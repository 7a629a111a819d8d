"""The books of the queue on Redis, Valkey and a Valkey Cluster, with scripts and for users who may not run them."""

from __future__ import annotations

import json
import time

import pytest

from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.listing import being_computed, job_lines
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.names import Priority
from redis_geo_plugin.core.jobs.plain_list import ListBridge
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import send, squares, wait_until, without_scripts

PLACES = ("redis", "valkey", "cluster", "redis without scripts", "cluster without scripts", "valkey, tenant")


@pytest.fixture(params=PLACES)
def queue(request):
    if "cluster" in request.param:
        real = request.getfixturevalue("make_cluster")()
        nodes = real.nodes
    else:
        flavour = "redis" if "redis" in request.param else "valkey"
        servers = request.getfixturevalue("shared_servers")
        real = servers[flavour]
        nodes = [real]
        with real.client() as client:
            client.flushall()
    settings = real.settings(key_prefix="team:" if "tenant" in request.param else "")
    if "without" not in request.param:
        yield JobQueue(open_server(settings))
        return
    with without_scripts(settings, *nodes) as plain:
        yield JobQueue(open_server(plain))


@pytest.fixture(scope="session")
def shared_servers():
    from tests.support.servers import RealServer

    servers = {flavour: RealServer(flavour) for flavour in ("redis", "valkey")}
    yield servers
    for real in servers.values():
        real.close()


def consumer(queue, name="one", **options):
    return Consumer(queue, name, **options)


def test_a_batch_from_sending_to_its_end(queue):
    batch = send(queue, squares(25), chunk=10)
    one = consumer(queue)
    got = one.fetch(20) + one.fetch(20)
    assert sorted(int(d.index) for d in got) == list(range(25))
    assert queue.progress([batch])[batch].done == 0
    assert one.finish([Done(d, Code.COMPUTED) for d in got[:20]]) == []
    state = queue.progress([batch])[batch]
    assert (state.done, state.total, state.finished) == (20, 25, False)
    one.finish([Done(d, Code.CACHED) for d in got[20:]])
    state = queue.progress([batch])[batch]
    assert (state.computed, state.cached, state.finished) == (20, 5, True)
    assert queue.depths() == dict.fromkeys(queue.depths(), 0)
    after, events = queue.events(batch)
    assert sorted(index for index, _ in events) == list(range(25))
    assert queue.events(batch, after)[1] == []
    assert queue.tasks(batch, [3])[3][1] == [3]


def test_the_same_chunk_sent_twice_counts_once(queue):
    batch = send(queue, squares(5))
    state = queue.progress([batch])[batch]
    tasks = queue.tasks(batch, range(5))
    from redis_geo_plugin.core.jobs.model import Job

    again = [Job(i, tasks[i][0], (b"",), 1.0) for i in range(5)]
    assert queue.enqueue(batch, state.descriptor, again, 0) == 0
    assert queue.depths()["flux"] == 5


def test_higher_priorities_come_first(queue):
    for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH):
        send(queue, squares(2), priority=priority)
    streams = [d.stream for d in consumer(queue).fetch(6)]
    assert streams == ["flux:haute"] * 2 + ["flux"] * 2 + ["flux:basse"] * 2


def test_only_the_owner_finishes(queue):
    batch = send(queue, squares(3))
    one, two = consumer(queue), consumer(queue, "two")
    mine = one.fetch(3)
    time.sleep(0.05)
    assert len(two.take_over(0.02, 10)) == 3
    assert one.renew(mine) == mine
    assert one.finish([Done(d, Code.COMPUTED) for d in mine]) == mine
    assert queue.progress([batch])[batch].done == 0
    assert two.finish([Done(d, Code.COMPUTED) for d in mine]) == []
    assert queue.progress([batch])[batch].computed == 3


def test_a_renewed_claim_is_not_taken_over(queue):
    send(queue, squares(2))
    one, two = consumer(queue), consumer(queue, "two")
    mine = one.fetch(2)
    time.sleep(0.3)
    assert one.renew(mine) == []
    assert two.take_over(0.25, 10) == []


def test_failed_jobs_are_tried_again_then_set_aside_whole_and_can_be_sent_again(queue):
    batch = send(queue, squares(1))
    one = consumer(queue, max_tries=2)
    (first,) = one.fetch(1)
    assert one.failed(first, "error", "side location conflict") == "later"
    assert one.fetch(1) == [] and queue.depths()["differees"] == 1
    wait_until(lambda: one.promote())
    (second,) = one.fetch(1)
    assert second.tries == 1 and second.fields[b"g0"] == first.fields[b"g0"]
    assert one.failed(second, "error", "again | so") == "aside"
    state = queue.progress([batch])[batch]
    assert state.failed == 1 and state.finished
    (aside,) = queue.set_aside(batch)
    assert (aside.reason, aside.words, aside.tries, aside.index) == ("error", "again | so", 2, 0)
    outcome = queue.outcomes(batch, [0])[0]
    assert (outcome.code, outcome.reason, outcome.words) == (Code.FAILED, "error", "again | so")
    assert queue.requeue([aside.id]) == 1
    assert queue.requeue([aside.id]) == 0
    assert not queue.progress([batch])[batch].finished
    (third,) = one.fetch(1)
    assert third.tries == 0 and third.fields[b"g0"] == first.fields[b"g0"]
    one.finish([Done(third, Code.COMPUTED)])
    state = queue.progress([batch])[batch]
    assert (state.failed, state.computed, state.finished) == (0, 1, True)
    assert [code for _, code in queue.events(batch)[1]] == ["f", "r", "c"]


def test_handed_back_jobs_are_there_for_others_at_once(queue):
    send(queue, squares(3))
    one, two = consumer(queue), consumer(queue, "two")
    mine = one.fetch(3)
    assert one.hand_back(mine) == 3
    got = two.take_over(30.0, 10)
    assert {d.name for d in got} == {d.name for d in mine}
    assert not any(d.suspect for d in got)


def test_who_asks_for_jobs_gets_handed_back_ones_first_within_their_priority(queue):
    send(queue, squares(4), priority=Priority.LOW)
    one, two = consumer(queue), consumer(queue, "two")
    back = one.fetch(3)
    one.hand_back(back)
    send(queue, squares(1), priority=Priority.HIGH)
    got = two.fetch(10)
    assert [d.stream for d in got] == ["flux:haute"] + 4 * ["flux:basse"]
    assert [d.name for d in got[1:4]] == [d.name for d in back]
    assert two.finish([Done(d, Code.COMPUTED) for d in got]) == []
    assert not any(queue.depths().values())


def test_the_work_of_a_batch_is_counted_in_bytes(queue):
    batch = send(queue, squares(5))
    one = consumer(queue, max_tries=1)
    got = one.fetch(5)
    whole = queue.progress([batch])[batch].work
    assert whole == sum(d.size for d in got) > 5 * 93  # the WKB of a square is 93 bytes
    one.finish([Done(d, Code.COMPUTED) for d in got[:3]])
    one.failed(got[3], "error", "boom")
    state = queue.progress([batch])[batch]
    assert state.work_done == sum(d.size for d in got[:4])
    queue.requeue([job.id for job in queue.set_aside()])
    state = queue.progress([batch])[batch]
    assert state.work_done == sum(d.size for d in got[:3]), "it is to be done again"
    one.finish([Done(d, Code.COMPUTED) for d in [got[4], *one.fetch(1)]])
    state = queue.progress([batch])[batch]
    assert state.finished and state.work_done == whole


def test_the_jobs_of_a_batch_one_by_one(queue):
    batch = send(queue, squares(8))
    one = consumer(queue, max_tries=1)
    got = {int(d.index): d for d in one.fetch(5)}
    first, second, third, fourth, running = sorted(got)
    one.finish([Done(got[first], Code.COMPUTED, "1500"), Done(got[second], Code.CACHED)])
    one.failed(got[third], "error", "boom")
    queue.cancel_jobs(batch, [fourth])
    one.drop_cancelled([got[fourth]])
    (waiting, *_, cancelling) = sorted(set(range(8)) - set(got))
    queue.cancel_jobs(batch, [cancelling])
    workers = [{"alive": True, "current": [{"of": {batch: [str(running)], "another": [str(waiting)]}}]}]
    state = queue.progress([batch])[batch]
    assert being_computed(workers) == {batch: {running}, "another": {waiting}}
    lines = {line.index: line for line in job_lines(queue, state, 0, 100, workers)}
    assert list(lines) == list(range(8))
    assert {
        first: "computed",
        second: "cached",
        third: "failed",
        fourth: "cancelled",
        running: "running",
    }.items() <= {line.index: line.state for line in lines.values()}.items()
    assert (lines[waiting].state, lines[cancelling].state) == ("waiting", "cancelling")
    assert lines[first].cost_us == 1500 and lines[first].attributes == [first]
    assert (lines[third].reason, lines[third].words) == ("error", "boom")
    assert [line.index for line in job_lines(queue, state, 6, 100)] == [6, 7]
    queue.cancel_batch(batch)
    state = queue.progress([batch])[batch]
    assert {line.state for line in job_lines(queue, state, 5, 3)} <= {
        "cancelling",
        "computed",
        "cached",
        "failed",
        "cancelled",
    }


def test_a_job_is_suspected_only_when_its_dead_worker_was_computing_it(queue):
    send(queue, squares(3))
    one, two = consumer(queue), consumer(queue, "two")
    mine = one.fetch(3)
    one.beat("{}", mine[1:2])
    time.sleep(0.05)
    got = {d.name: d for d in two.take_over(0.02, 10)}
    assert [got[d.name].suspect for d in mine] == [False, True, False]
    for _ in range(4):
        suspected = next(d for d in got.values() if d.suspect)
        assert two.suspected(suspected) == "later"
        wait_until(lambda: two.promote())
        (again,) = two.fetch(1)
        again.suspect = True
        got = {again.name: again}
    assert two.suspected(again) == "aside"
    assert queue.set_aside()[0].reason == "worker_died"


def test_cancelled_batches_and_jobs(queue):
    whole, part = send(queue, squares(4)), send(queue, squares(4))
    one = consumer(queue)
    got = one.fetch(8)
    queue.cancel_batch(whole)
    queue.cancel_jobs(part, [2])
    kept = one.drop_cancelled(got)
    assert sorted(d.index for d in kept) == ["0", "1", "3"] and {d.batch for d in kept} == {part}
    states = queue.progress([whole, part])
    assert states[whole].cancelled and states[whole].cancelled_jobs == 4 and states[whole].finished
    assert states[part].cancelled_jobs == 1 and not states[part].finished


def test_books_of_a_finished_batch_expire_and_a_forgotten_one_goes(queue):
    batch = send(queue, squares(1))
    assert queue.client.ttl(queue.batch_key(batch)) == -1
    one = consumer(queue)
    one.finish([Done(d, Code.COMPUTED) for d in one.fetch(1)])
    assert 600_000 < queue.client.ttl(queue.batch_key(batch, ":fini")) <= 604_800
    assert [b.id for b in queue.batches()] == [batch]
    queue.forget(batch)
    assert queue.batches() == []


def end_pauses(queue):
    due = queue.p + b"echeances"
    queue.client.zadd(due, dict.fromkeys(queue.client.zrange(due, 0, -1), 1))


def test_a_job_tried_again_goes_before_those_that_wait_in_its_priority(queue):
    one, two = consumer(queue, max_tries=3), consumer(queue, "two")
    low = send(queue, squares(1), priority=Priority.LOW)
    normal = send(queue, squares(1))
    failed, died = one.fetch(2)
    assert (failed.batch, died.batch) == (normal, low)
    assert (one.failed(failed, "error", "x"), one.suspected(died)) == ("later", "later")
    waiting = [send(queue, squares(1), priority=priority) for priority in Priority]
    end_pauses(queue)
    assert two.promote() == 2
    got = two.fetch(10)
    assert [d.batch for d in got] == [waiting[0], normal, waiting[1], low, waiting[2]]
    # Handed back, taken over and failed once more, it is still of the priority that it was sent with.
    again = got[1]
    two.hand_back([again])
    assert [d.name for d in one.fetch(1)] == [again.name]
    assert (one.failed(again, "error", "x"), two.suspected(got[3])) == ("later", "later")
    two.finish([Done(d, Code.COMPUTED) for d in (got[0], got[2], got[4])])
    end_pauses(queue)
    assert two.promote() == 2
    last, lowest = two.fetch(10)
    assert (last.batch, last.tries, lowest.batch, lowest.suspicions) == (normal, 2, low, 2)
    assert [two.set_aside(d, "error", "x", 3) for d in (last, lowest)] == ["aside", "aside"]
    queue.requeue([job.id for job in queue.set_aside()])
    assert [d.stream for d in two.fetch(10)] == ["flux", "flux:basse"]


def test_a_postponed_job_goes_to_the_end_where_it_keeps_nobody_from_work(queue):
    send(queue, squares(2))
    one = consumer(queue)
    first, second = one.fetch(2)
    assert one.failed(first, "error", "x") == "later"
    end_pauses(queue)
    assert one.promote() == 1
    (first,) = one.fetch(1)
    assert (one.postpone(first, 0.0), one.postpone(second, 0.0)) == ("later", "later")
    new = send(queue, squares(1))
    end_pauses(queue)
    assert one.promote() == 2
    got = one.fetch(10)
    assert (
        {d.stream for d in got} == {"flux"} and got[0].batch == new and [d.tries for d in got].count(1) == 1
    )


def test_what_a_worker_of_before_put_off_is_found(queue):
    """Their names said the stream and the id; their jobs went to the end of it."""
    send(queue, squares(1))
    one = consumer(queue)
    (job,) = one.fetch(1)
    queue.client.hset(queue.p + b"differee:" + job.name.encode(), mapping={**job.fields, b"essais": b"1"})
    queue.client.zadd(queue.p + b"echeances", {job.name: 1})
    one.finish([Done(job, Code.CACHED)])
    assert one.promote() == 1
    (again,) = one.fetch(2)
    assert (again.stream, again.tries, again.index) == ("flux", 1, job.index)
    one.finish([Done(again, Code.COMPUTED)])
    assert not any(queue.depths().values())


def test_the_list_is_bridged_in_order_and_nothing_is_left(queue):
    texts = [json.dumps({"type": "buffer", "id": i, "distance": 100}) for i in range(30)]
    for text in [*texts, texts[0], texts[0]]:
        queue.client.lpush(queue.list_key, text)
    queue.ensure()
    bridge = ListBridge(queue, "one")
    assert bridge.move(10) == 10 and bridge.move() == 22 and bridge.move() == 0
    got = [d.fields[b"brut"].decode() for d in consumer(queue).fetch(100)]
    assert got == [*texts, texts[0], texts[0]]
    assert queue.client.llen(queue.list_key) == 0 and queue.client.llen(bridge.side) == 0


def test_what_a_dead_worker_left_on_its_way_is_taken_up(queue):
    queue.ensure()
    dead, alive = ListBridge(queue, "dead"), ListBridge(queue, "alive")
    queue.client.rpush(dead.side, "a", "b", "a")
    consumer(queue, "dead").beat(json.dumps({"state": "idle"}), [])
    assert alive.leftovers({"dead", "alive"}) == 0
    assert alive.leftovers({"alive"}) == 3
    assert sorted(d.fields[b"brut"] for d in consumer(queue).fetch(9)) == [b"a", b"a", b"b"]


def test_workers_are_listed_while_they_beat_and_struck_off_when_silent(queue):
    queue.ensure()
    one = consumer(queue)
    one.beat(json.dumps({"state": "idle", "host": "here"}), [])
    (line,) = queue.workers()
    assert line["alive"] and line["id"] == "one" and line["seen"] < 5
    send(queue, squares(1))
    held = one.fetch(1)
    time.sleep(0.02)
    assert one.prune(0) == 0, "it still holds a job"
    one.finish([Done(held[0], Code.COMPUTED)])
    time.sleep(0.02)
    assert one.prune(0) == 1 and queue.workers() == []


def test_a_deleted_group_is_made_again_and_skips_nothing(queue):
    send(queue, squares(2))
    one = consumer(queue)
    queue.client.xgroup_destroy(queue.p + b"flux", "travailleurs")
    assert len(one.fetch(5)) == 2


def test_a_job_put_off_while_the_clock_was_ahead_is_not_put_off_for_ever(queue):
    """The server's clock was a day ahead when a try failed, and is right again: the job does not wait for that day."""
    one = consumer(queue)
    send(queue, squares(2))
    first, second = one.fetch(2)
    assert (one.failed(first, "error", "x"), one.failed(second, "error", "x")) == ("later", "later")
    due = queue.p + b"echeances"
    [(name, when), (other, soon)] = queue.client.zrange(due, 0, -1, withscores=True)
    queue.client.zadd(due, {name: when + 86_400_000, other: soon + 60_000})
    wait_until(one.promote)
    assert [raw for raw, _ in queue.client.zrange(due, 0, -1, withscores=True)] == [
        other
    ]  # a pause as it may be
    assert len(one.fetch(5)) == 1

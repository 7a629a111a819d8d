"""Faults of the queue, each against real workers and real servers.

The numbers here are short, so that the whole suite stays quick; with ``REDIS_GEO_FULL=1`` (``make test-full``) they are
those that the project promises: 10,000 jobs, 3 workers, 50 times kill -9.
"""

from __future__ import annotations

import os
import random
import threading
import time

import pytest
import shapely

from redis_geo_plugin.core.geometry import geos
from redis_geo_plugin.core.jobs.listing import being_computed
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.operations import ConvexHull
from redis_geo_plugin.core.redis.server import Server, open_server
from tests.support.hosts import make_network
from tests.support.jobs import (
    BUFFER,
    assert_right,
    send,
    squares,
    wait_finished,
    wait_until,
)
from tests.support.slow_operations import Crash, CrashRead, Devour, DevourRead, Sleep, SlowBuffer

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
JOBS, KILLS = (10_000, 50) if FULL else (1_500, 10)
BAD_OPERATIONS = ("--operations", "tests.support.slow_operations")


def queue_of(place):
    return JobQueue(open_server(place.settings()))


def assert_nothing_left(queue):
    wait_until(lambda: not any(_depths(queue).values()), 30, "the queue is not empty")


def _depths(queue):
    try:
        return queue.depths()
    except Exception:
        return {"server": 1}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["redis", "valkey", "cluster"])
def test_killed_workers_and_a_killed_and_stopped_server_lose_nothing(
    kind, make_server, make_cluster, make_worker
):
    if kind == "cluster":  # the node that holds the queue, and one that holds results only
        real = make_cluster(persistent=True)
        main = real.node_of("{taches_spatiales}:flux")
        other = next(node for node in real.nodes if node is not main)
    else:
        real = main = other = make_server(kind, persistent=True)
    queue = queue_of(real)
    shapes = squares(JOBS)
    slow = SlowBuffer(pause=3 * KILLS * 0.3 / JOBS)
    batch = send(queue, shapes, operation=slow)
    workers = [make_worker(real.url, *BAD_OPERATIONS, take_over=1.0) for _ in range(3)]
    dice = random.Random(5)
    for turn in range(KILLS):
        time.sleep(dice.uniform(0.05, 0.6))
        dice.choice(workers).restart()
        if turn == KILLS // 4:
            main.restart()
        elif turn == KILLS // 2:
            main.stop()
            time.sleep(4.0)
            main.resume()
        elif turn == 3 * KILLS // 4:
            other.restart()
    assert not queue.progress([batch])[batch].finished, "the faults came too late to matter"
    state = wait_finished(queue, batch, 600)
    assert state.failed == 0 and not queue.set_aside()
    assert state.computed + state.cached == state.done == JOBS
    assert sorted(index for index, _ in all_events(queue, batch)) == list(range(JOBS)), "each was booked once"
    assert_right(queue, batch, shapes, operation=slow)
    assert_nothing_left(queue)


def all_events(queue, batch):
    after, found = "0", []
    while True:
        after, news = queue.events(batch, after)
        if not news:
            return found
        found += news


def test_the_plain_list_with_killed_workers_loses_nothing(place, make_worker):
    queue, count = queue_of(place), 400
    client = place.client()
    with client.pipeline(transaction=False) as pipe:
        for i in range(count):
            pipe.set(f"entites:{i}", f"POINT ({i} 0)")
        pipe.execute()
    workers = [make_worker(place.url, take_over=1.0) for _ in range(2)]
    dice = random.Random(7)
    for i in range(count):
        client.lpush("taches_spatiales", f'{{"type":"buffer","id":{i},"distance":1}}')
        if i % 80 == 79:
            time.sleep(dice.uniform(0.2, 0.8))  # a worker takes about half a second to start
            dice.choice(workers).restart()
    assert_nothing_left(queue)
    names = [f"taches_spatiales:resultats:buffer:{i}:distance=1" for i in range(count)]
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hget(name, "wkb")
        found = shapely.from_wkb(pipe.execute())
    client.close()
    assert [round(shape.centroid.x) for shape in found] == list(range(count))


def test_a_job_that_kills_its_process_is_set_aside_and_takes_no_other_with_it(place, make_worker):
    queue = queue_of(place)
    shapes = [shapely.box(-10 - i, 0, -5 - i, 5) for i in range(200)]
    shapes[77] = shapely.box(5, 0, 6, 1)
    batch = send(queue, shapes, operation=Crash())
    worker = make_worker(place.url, *BAD_OPERATIONS, "--tries", "2")
    state = wait_finished(queue, batch)
    assert (state.computed, state.failed) == (199, 1)
    (aside,) = queue.set_aside()
    assert (aside.index, aside.reason, aside.tries) == (77, "crash", 2)
    assert shapely.from_wkb(aside.fields[b"g0"]).equals(shapes[77]), "it is kept whole"
    assert worker.process.poll() is None, "only its child died"
    assert_nothing_left_but_aside(queue)


def test_a_job_that_kills_its_process_before_it_is_begun_is_set_aside_too(place, make_worker):
    queue = queue_of(place)
    before, crashing = send(queue, squares(40)), send(queue, squares(2, seed=2), operation=CrashRead())
    after = send(queue, squares(40, seed=3))
    make_worker(place.url, *BAD_OPERATIONS, "--tries", "2")
    assert wait_finished(queue, crashing).failed == 2
    assert [wait_finished(queue, batch).computed for batch in (before, after)] == [40, 40]
    assert {(job.batch, job.reason, job.tries) for job in queue.set_aside()} == {(crashing, "crash", 2)}
    assert_nothing_left_but_aside(queue)


def assert_nothing_left_but_aside(queue):
    wait_until(lambda: not any(n for name, n in queue.depths().items() if name != "ecartees"), 10)


def test_a_job_over_its_time_is_ended(place, make_worker):
    queue = queue_of(place)
    slow = send(queue, squares(1), operation=Sleep(seconds=60))
    quick = send(queue, squares(20), operation=Sleep(seconds=0.01))
    make_worker(place.url, *BAD_OPERATIONS, "--job-seconds", "0.6", "--tries", "2")
    assert wait_finished(queue, slow).failed == 1
    assert wait_finished(queue, quick).computed == 20
    (aside,) = queue.set_aside()
    assert (aside.reason, aside.tries) == ("over_time", 2)


@pytest.mark.parametrize("when", [Devour(), DevourRead()], ids=["computed", "read"])
def test_a_job_over_its_memory_costs_one_try(place, make_worker, when):
    queue = queue_of(place)
    greedy = send(queue, squares(1), operation=when)
    quick = send(queue, squares(20))
    worker = make_worker(place.url, *BAD_OPERATIONS, "--job-memory", "400", "--tries", "2")
    assert wait_finished(queue, greedy).failed == 1
    assert wait_finished(queue, quick).computed == 20
    (aside,) = queue.set_aside()
    assert (aside.reason, aside.tries) == ("over_memory", 2)
    assert worker.read_log().count("why=over_memory") >= 2 and worker.process.poll() is None
    assert_nothing_left_but_aside(queue)


def test_a_long_job_that_holds_the_interpreter_loses_no_claim(place, make_worker):
    queue = queue_of(place)
    batch = send(queue, squares(1), operation=Sleep(seconds=4))
    first = make_worker(place.url, *BAD_OPERATIONS, take_over=1.0)
    wait_until(lambda: any(line["current"] for line in queue.alive()))
    second = make_worker(place.url, *BAD_OPERATIONS, take_over=1.0)
    assert wait_finished(queue, batch).computed == 1
    assert "taken over" not in first.read_log() + second.read_log()
    assert sum(line["done"] for line in wait_until(lambda: _with_done(queue, 1))) == 1


def _with_done(queue, count):
    lines = queue.workers()
    return lines if sum(line["done"] for line in lines) >= count else None


def test_a_worker_that_comes_back_after_its_jobs_were_taken_over_books_nothing(place, make_worker):
    import signal

    queue = queue_of(place)
    batch = send(queue, squares(40), operation=Sleep(seconds=0.1))
    first = make_worker(place.url, *BAD_OPERATIONS, take_over=1.0)
    wait_until(lambda: any(line["current"] for line in queue.alive()))
    first.process.send_signal(signal.SIGSTOP)  # its computing process goes on: the worst case
    second = make_worker(place.url, *BAD_OPERATIONS, take_over=1.0)
    wait_finished(queue, batch)
    first.process.send_signal(signal.SIGCONT)
    wait_until(lambda: sum(line["alive"] for line in queue.workers()) == 2)
    time.sleep(0.5)
    state = queue.progress([batch])[batch]
    assert state.done == state.computed + state.cached == 40
    indexes = [index for index, _ in queue.events(batch)[1]]
    assert sorted(indexes) == list(range(40)), "each job is booked once"
    assert second.process.poll() is None and first.terminate() == 0
    assert_nothing_left(queue)


def test_a_server_without_memory_keeps_every_job_until_there_is_room(place, make_worker):
    queue = queue_of(place)
    shapes = squares(800)
    batch = send(queue, shapes)
    nodes = getattr(place, "nodes", [place])
    try:
        for node in nodes:
            leave_memory(node, 250_000 // len(nodes))
        worker = make_worker(place.url, take_over=1.0)
        wait_until(lambda: "out_of_memory" in worker.read_log(), 20)
        time.sleep(2.5)  # longer than the take-over time
        assert queue.progress([batch])[batch].done < 800
        assert not queue.set_aside() and worker.process.poll() is None
    finally:
        for node in nodes:
            leave_memory(node, None)
    state = wait_finished(queue, batch)
    assert state.failed == 0
    assert_right(queue, batch, shapes)
    assert_nothing_left(queue)


def leave_memory(node, size):
    """So many bytes and no more, and nothing is evicted; None for as much as there is."""
    with node.client() as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 0 if size is None else client.info("memory")["used_memory"] + size)


def test_two_versions_of_the_worker_side_by_side(place, make_worker):
    queue = queue_of(place)
    old = make_worker(place.url)  # does not know the operation
    wait_until(queue.alive)
    new = make_worker(place.url, *BAD_OPERATIONS)
    wait_until(lambda: len(queue.alive()) == 2)
    batches = [send(queue, squares(40, seed=n), operation=Sleep(seconds=0.01)) for n in range(3)]
    plain = send(queue, squares(40))
    for batch in [*batches, plain]:
        assert wait_finished(queue, batch).failed == 0
    # A version that nobody has is set aside with its reason, and worked once somebody has it.
    newer = send(queue, squares(2), version=99)
    assert wait_finished(queue, newer).failed == 2
    assert {job.reason for job in queue.set_aside()} == {"unknown_version"}
    assert (old.terminate(), new.terminate()) == (0, 0)


ANOTHER_GEOS = ("--operations", "tests.support.another_geos")  # which says that it is 3.1


def test_a_result_that_depends_on_geos_is_computed_by_the_one_that_is_wanted(place, make_worker):
    queue = queue_of(place)
    others, ours = make_worker(place.url, *ANOTHER_GEOS), make_worker(place.url)
    wait_until(lambda: {line["geos"] for line in queue.alive()} == {"3.1", geos.version()})
    shapes = squares(60)
    wanted = [send(queue, shapes, operation=one) for one in (BUFFER, BUFFER.computed_by("3.1"), ConvexHull())]
    client = place.client()
    client.set("entites:42", shapely.to_wkb(shapes[0]))
    client.lpush("taches_spatiales", '{"type":"buffer","id":42,"distance":1,"geos":"3.1"}')
    for batch in wanted:
        assert wait_finished(queue, batch).failed == 0
    assert_right(queue, wanted[0], shapes)
    wait_until(lambda: client.exists("taches_spatiales:resultats:buffer:42:distance=1:geos=3.1"))
    client.close()
    assert others.terminate() == 0
    # Where nobody has it: set aside, and worked when somebody comes.
    late = send(queue, squares(3, seed=9), operation=BUFFER.computed_by("3.1"))
    assert wait_finished(queue, late).failed == 3
    assert {(job.reason, job.words) for job in queue.set_aside()} == {
        ("unknown_geos", f"GEOS 3.1 is wanted, here is {geos.version()}")
    }
    make_worker(place.url, *ANOTHER_GEOS)
    wait_until(lambda: len(queue.alive()) == 2)
    assert queue.requeue([job.id for job in queue.set_aside()]) == 3
    assert wait_until(lambda: queue.progress([late])[late].computed) and ours.process.poll() is None


class Producer(threading.Thread):
    """Sends five times what one worker can do, until it is stopped; no more than ``WAITING`` jobs wait at a time, as a slow
    machine would not come to the end of them."""

    WAITING = 2000

    def __init__(self, place):
        super().__init__()
        self.queue = JobQueue(Server(place.settings()))
        self.sent = []
        self._end = threading.Event()

    def run(self):
        while not self._end.wait(0.2):
            if self.queue.depths()["flux"] > self.WAITING:
                continue
            self.sent.append(
                send(self.queue, squares(200, seed=len(self.sent)), operation=SlowBuffer(pause=0.005))
            )

    def stop(self):
        self._end.set()
        self.join()
        self.queue.server.close()


def test_a_producer_that_never_stops(place, make_worker):
    """Behind more new jobs than can be worked, those that failed or whose worker died are tried again all the same."""
    queue = queue_of(place)
    shapes = [shapely.box(-10 - i, 0, -5 - i, 5) for i in range(10)]
    shapes[3] = shapely.box(5, 0, 6, 1)
    crashing = send(queue, shapes, operation=Crash())
    held = send(queue, squares(5), operation=Sleep(seconds=0.3))
    producer = Producer(place)
    producer.start()
    try:
        wait_until(lambda: queue.depths()["flux"] > 1000)  # also where other programs slow the producer down
        victim = make_worker(place.url, *BAD_OPERATIONS, "--tries", "2", take_over=1.0)
        wait_until(lambda: held in being_computed(queue.alive()))
        victim.kill()
        other = make_worker(place.url, *BAD_OPERATIONS, "--tries", "2", take_over=1.0)
        before = queue.depths()["flux"]
        assert wait_finished(queue, held).computed == 5
        assert wait_finished(queue, crashing).failed == 1
        assert min(before, queue.depths()["flux"]) > 200, "the producer was to be the faster one"
        first = producer.sent[0]
        wait_until(lambda: queue.progress([first])[first].done, what="new ones are worked meanwhile")
    finally:
        producer.stop()
    (aside,) = queue.set_aside()
    assert (aside.batch, aside.reason, aside.tries) == (crashing, "crash", 2)
    for batch in producer.sent:
        queue.cancel_batch(batch)
    states = [wait_finished(queue, batch) for batch in producer.sent]
    assert all(state.done == 200 and not state.failed for state in states)
    assert_nothing_left_but_aside(queue)
    assert other.terminate() == 0


@pytest.fixture
def network():
    """Hosts of their own, each of which can be cut off."""
    made = make_network()
    yield made
    made.close()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", ["redis", "valkey", "cluster"])
def test_hosts_one_of_them_cut_off_and_coming_back(kind, network, make_server, make_cluster, make_worker):
    if kind == "cluster":
        real = make_cluster("--protected-mode", "no", host=network.address)
    else:
        real = make_server(kind, "--protected-mode", "no", host=network.address)
    queue = queue_of(real)
    shapes = squares(120)
    batch = send(queue, shapes, operation=Sleep(seconds=0.05))
    servers = [(node.host, node.port) for node in (real.nodes if kind == "cluster" else [real])]
    hosts = [network.add_host(servers) for _ in range(3)]
    workers = [
        make_worker(
            real.url,
            *(*BAD_OPERATIONS, "--name", host.name),
            take_over=1.5,
            prefix=host.prefix,
            **host.environment,
        )
        for host in hosts
    ]
    wait_until(lambda: len({line["host"] for line in queue.alive()}) == 3)
    wait_until(lambda: queue.progress([batch])[batch].done > 10)
    hosts[0].cut_off()
    state = wait_finished(queue, batch)
    assert state.failed == 0 and state.done == 120
    hosts[0].reconnect()
    wait_until(lambda: all(line["seen"] < 3 for line in queue.workers()), 30)
    again = send(queue, shapes, distance=3.0)
    assert wait_finished(queue, again).done == 120
    assert_right(queue, again, shapes, 3.0)
    assert not queue.set_aside()
    assert_nothing_left(queue)
    assert [worker.terminate() for worker in workers] == [0, 0, 0]

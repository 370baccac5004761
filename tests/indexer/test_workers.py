import ctypes
import faulthandler
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.indexer.workers import Early, Failure, Pool, limit_memory


def work(job: str) -> bytes:
    match job.split():
        case ["sleep", seconds]:
            time.sleep(float(seconds))
        case ["hang"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(1)
        case ["kill"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["crash"]:
            faulthandler.disable()  # pytest has it print where a process crashed.
            ctypes.string_at(0)
        case ["exit"]:
            os._exit(0)
        case ["eat"]:
            limit_memory(50_000_000)
            eaten = []
            while True:
                eaten.append(bytes(1_000_000))
        case ["big"]:
            return bytes(3_000_000)
    return job.encode()


def outcomes(jobs: list[str], size: int = 2, seconds: float = 5.0) -> list[bytes | Failure]:
    with Pool(work, size, seconds) as pool:
        ran = list(pool.run(jobs))
    assert [job for job, _ in ran] == jobs
    return [outcome for _, outcome in ran]


def test_answers_come_in_the_order_of_the_jobs() -> None:
    jobs = ["sleep 0.2", "a", "big", "b", "sleep 0.05", *(f"j{n}" for n in range(30))]
    answers = outcomes(jobs)
    assert [answer for answer in answers if len(answer) < 100] == [  # type: ignore[arg-type]
        job.encode() for job in jobs if job != "big"
    ]
    assert len(answers[2]) == 3_000_000  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ("hang", "took longer than 0.3 s"),
        ("kill", "SIGKILL"),
        ("crash", "SIGSEGV"),
        ("exit", "without an answer"),
        ("eat", "more memory"),
    ],
)
def test_a_job_that_fails_is_named_and_its_neighbours_are_done(job: str, reason: str) -> None:
    answers = outcomes(["a", job, "b", "c"], seconds=0.3 if job == "hang" else 10.0)
    failure = answers.pop(1)
    assert isinstance(failure, Failure)
    assert reason in failure.reason
    assert answers == [b"a", b"b", b"c"]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(["a", "kill", "exit", "b", "big"]), max_size=12), st.integers(1, 3))
def test_every_job_has_one_outcome(jobs: list[str], size: int) -> None:
    answers = outcomes(jobs, size)
    assert [isinstance(answer, Failure) for answer in answers] == [
        job in {"kill", "exit"} for job in jobs
    ]


def test_jobs_are_taken_as_they_are_needed() -> None:
    taken = 0

    def jobs() -> Iterator[str]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield "a"

    with Pool(work, 2, 5.0) as pool:
        next(pool.run(jobs()))
        assert taken <= 9


@pytest.mark.skipif(sys.platform != "linux", reason="it is the kernel's doing")
def test_workers_die_with_their_parent() -> None:
    code = """
import os, time
from search_service.indexer.workers import Pool
def work(job):
    print(os.getpid(), flush=True)
    time.sleep(60)
with Pool(work, 1, 60) as pool:
    list(pool.run(["x"]))
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(2000):
        try:
            # Whoever adopts it may leave it a zombie: that is dead enough.
            if Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        time.sleep(0.01)
    pytest.fail("the worker lives on")


def test_no_worker_keeps_the_lock_open() -> None:
    reading, writing = os.pipe()

    def write(_: str) -> bytes:
        try:
            os.fstat(writing)
        except OSError:
            return b"closed"
        return b"open"

    with Pool(write, 1, 5.0, close=[writing]) as pool:
        assert list(pool.run(["x"])) == [("x", b"closed")]
    os.close(reading)
    os.close(writing)


def test_an_early_worker_has_prepared_when_it_gets_its_function(tmp_path: Path) -> None:
    prepared = tmp_path / "prepared"
    with Early(lambda: prepared.write_text(str(os.getpid()))) as early:
        with Pool(pid, 1, 5.0, early=early) as pool:
            ((_, first),) = pool.run(["a"])
            done = []
            ((_, second),) = pool.run(["b"], lambda: done.append("meanwhile"))
        assert first == second == prepared.read_bytes()
        assert done == ["meanwhile"]
        # It is taken once; who comes later forks.
        with Pool(pid, 1, 5.0, early=early) as pool:
            ((_, third),) = pool.run(["c"])
        assert third != first


def test_an_early_worker_that_nobody_wants_or_that_dies_does_no_harm() -> None:
    with Early(lambda: time.sleep(60)):
        pass
    assert not multiprocessing.active_children()
    with (
        Early(lambda: os._exit(3)) as early,
        Pool(pid, 1, 5.0, early=early) as pool,
    ):
        (died,) = [outcome for _, outcome in pool.run(["a"])]
        (next_one,) = [outcome for _, outcome in pool.run(["b"])]
    assert isinstance(died, Failure)
    assert isinstance(next_one, bytes)


def pid(_job: str) -> bytes:
    return str(os.getpid()).encode()

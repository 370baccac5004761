"""Worker processes with a time limit for each job: whatever a job does, the next one is done.

Each worker is a fork with a pipe of its own, so one that is killed takes nothing with it, and the
parent has no threads, so that forking at any moment is safe. Executors of the standard library
cannot kill a job; pools that can (Pebble) need threads in the parent, one pipe for all workers and
a tenth of a second to stop, which is a tenth of the time in which a small change is published.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

Job = TypeVar("Job")

_FORK = get_context("fork")
_DONE = b"+"
_OUT_OF_MEMORY = b"-"
_PR_SET_PDEATHSIG = 1


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that did not end well, in words: "it took longer than 30 s"."""

    reason: str


@dataclass(slots=True)
class _Task(Generic[Job]):
    number: int
    job: Job
    deadline: float
    used: float
    """Processor seconds of its worker, when it got it."""


@dataclass(slots=True, eq=False)
class _Worker(Generic[Job]):
    process: ForkProcess
    pipe: Connection
    task: _Task[Job] | None = None


class Early:
    """A worker that is started before it is known what it will do. Use it as a context manager.

    What it will need it does meanwhile, by `prepare`: on a second processor that costs no time.
    The first `Pool` that is given it takes it over; `close` is as there.
    """

    def __init__(self, prepare: Callable[[], object], close: Iterable[int] = ()) -> None:
        self._prepare = prepare
        self._close = tuple(close)
        self._started: tuple[ForkProcess, Connection] | None = _start(self._work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if started := self.take():
            process, pipe = started
            process.kill()
            process.join()
            process.close()
            pipe.close()

    def take(self) -> tuple[ForkProcess, Connection] | None:
        """The process and its pipe, for whoever asks first: it wants a function, then jobs."""
        started, self._started = self._started, None
        return started

    def _work(self, ours: Connection, pipe: Connection, parent: int) -> None:
        _begin(ours, parent, self._close)
        self._prepare()
        with suppress(EOFError, BrokenPipeError, ConnectionResetError):
            _serve(pipe.recv(), pipe)


class Pool(Generic[Job]):
    """Workers that run `function` on jobs. Use it as a context manager.

    `function` is inherited by forking, with all that it holds; it returns bytes. `seconds` is
    the limit of one job. `close` are file descriptors that no worker may keep open. `early` is a
    worker to take over, which is sent the function: then that must be one that can be pickled.
    """

    def __init__(
        self,
        function: Callable[[Job], bytes],
        size: int,
        seconds: float,
        close: Iterable[int] = (),
        early: Early | None = None,
    ) -> None:
        self._function = function
        self._early = early
        self._size = size
        self._seconds = seconds
        self._close = tuple(close)
        self._workers: list[_Worker[Job]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in list(self._workers):
            self._remove(worker)

    def run(
        self, jobs: Iterable[Job], meanwhile: Callable[[], None] = _nothing
    ) -> Iterator[tuple[Job, bytes | Failure]]:
        """Each job with what came of it, in the order of the jobs.

        At most four jobs a worker are ahead of the one that is waited for. `meanwhile` is done once
        all workers are busy.
        """
        pending = enumerate(jobs)
        ready: dict[int, tuple[Job, bytes | Failure]] = {}
        given = taken = 0
        more = True
        while more or taken < given:
            while more and given - taken < 4 * self._size and (worker := self._idle()):
                following = next(pending, None)
                if following is None:
                    more = False
                else:
                    given += 1
                    self._give(worker, *following)
            meanwhile()
            meanwhile = _nothing
            if taken not in ready and taken < given:
                for number, job, outcome in self._collect():
                    ready[number] = (job, outcome)
            while taken in ready:
                yield ready.pop(taken)
                taken += 1

    def _idle(self) -> _Worker[Job] | None:
        for worker in self._workers:
            if worker.task is None:
                return worker
        if len(self._workers) == self._size:
            return None
        started = self._early.take() if self._early else None
        if started:
            with suppress(BrokenPipeError, ConnectionResetError):
                started[1].send(self._function)  # As in `_give`.
        self._workers.append(_Worker(*(started or _start(self._work))))
        return self._workers[-1]

    def _give(self, worker: _Worker[Job], number: int, job: Job) -> None:
        used, _ = _activity(worker.process.pid)
        worker.task = _Task(number, job, time.monotonic() + self._seconds, used)
        with suppress(BrokenPipeError, ConnectionResetError):
            worker.pipe.send(job)  # If it is dead already, `_collect` will see that.

    def _collect(self) -> Iterator[tuple[int, Job, bytes | Failure]]:
        """Wait until something has happened to a worker that has a job."""
        busy = [(worker, task) for worker in self._workers if (task := worker.task)]
        nearest = min(task.deadline for _, task in busy)
        pipes = [worker.pipe for worker, _ in busy]
        answered = wait(pipes, max(0.0, nearest - time.monotonic()))
        now = time.monotonic()
        for worker, task in busy:
            if worker.pipe in answered:
                yield task.number, task.job, self._outcome(worker)
            elif not answered and task.deadline <= now and not self._starved(worker, task):
                self._remove(worker)
                failure = Failure(f"it took longer than {self._seconds:g} s to read")
                yield task.number, task.job, failure

    def _starved(self, worker: _Worker[Job], task: _Task[Job]) -> bool:
        """Give a worker more time if it is ready to run, but was not let: the machine is busy.

        A file must not fail because of what else goes on; one that waits for something does.
        """
        used, ready = _activity(worker.process.pid)
        left = task.used + self._seconds - used
        if not ready or left <= 0:
            return False
        task.deadline = time.monotonic() + left
        return True

    def _outcome(self, worker: _Worker[Job]) -> bytes | Failure:
        """What a worker answers, which is free then; one that cannot go on is removed."""
        try:
            answer = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            worker.process.join(1)
            failure = Failure(_died(worker.process.exitcode))
        else:
            if answer[:1] == _DONE:
                worker.task = None
                return answer[1:]
            failure = Failure("it needs more memory than one file may have")
        self._remove(worker)
        return failure

    def _remove(self, worker: _Worker[Job]) -> None:
        worker.process.kill()
        worker.process.join()
        worker.process.close()
        worker.pipe.close()
        self._workers.remove(worker)

    def _work(self, ours: Connection, pipe: Connection, parent: int) -> None:
        _begin(ours, parent, self._close)
        for sibling in self._workers:
            sibling.pipe.close()
        _serve(self._function, pipe)


def _start(
    work: Callable[[Connection, Connection, int], None],
) -> tuple[ForkProcess, Connection]:
    """Fork a process that does `work(our end of a pipe, its own end, our pid)`."""
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=work, args=(ours, theirs, os.getpid()), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _begin(ours: Connection, parent: int, close: Iterable[int]) -> None:
    """What a new worker does first."""
    gc.freeze()  # What the parent has is nothing for this process to look through.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(parent)
    ours.close()  # The parent's end: while it is open here, its death would not be noticed.
    for handle in close:
        os.close(handle)


def _serve(function: Callable[[Any], bytes], pipe: Connection) -> None:
    """A worker's life: it ends when its pipe does, when it is killed, or with its parent."""
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            job = pipe.recv()
            try:
                answer = _DONE + function(job)
            except MemoryError:
                pipe.send_bytes(_OUT_OF_MEMORY)
                return
            pipe.send_bytes(answer)


def limit_memory(more: int) -> None:
    """Let this process take `more` bytes from here on, and no more; then it meets `MemoryError`.

    Private writable memory alone is limited (`RLIMIT_DATA`): files that are mapped are not, so a
    large index that the parent had open does no harm. Where the system has no such limit or does
    not tell how much is used, nothing is limited.
    """
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_bytes().split()[5])
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = pages * resource.getpagesize() + more
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _activity(pid: int | None) -> tuple[float, bool]:
    """Processor seconds of a process, and whether it is ready to run; nothing off Linux."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0, False
    state, *fields = stat.rsplit(") ", 1)[1].split()
    ticks = int(fields[10]) + int(fields[11])
    return ticks / os.sysconf("SC_CLK_TCK"), state == "R"


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 -- workers alone need it

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It died before we asked for that.
        os._exit(1)


def _died(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its reader was ended by {signal.Signals(-code).name}: the file may be damaged"
    return "its reader ended without an answer: the file may be damaged"

import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service import runs
from search_service.errors import IndexLocked, InvalidValue, NoScheduler, RunFailed
from search_service.runs import RunRecord
from search_service.schedule import spool
from search_service.schedule.scheduling import Clock, Cron, Every, Schedule, Times, file_system
from search_service.settings import Settings

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
PATIENCE = 60.0
"""Seconds after which something is said not to happen, on a machine with much else to do."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "corpus").mkdir()
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


class Started:
    """A schedule that runs in a thread, with a run that is told and takes `seconds`, or `until`."""

    def __init__(
        self,
        settings: Settings,
        times: Times | None,
        seconds: float = 0.0,
        fail: Callable[[int], Exception | None] = lambda _: None,
        *,
        watch: bool = False,
        until: threading.Event | None = None,
    ) -> None:
        self.runs: list[tuple[str, ...]] = []
        self.told: list[str] = []

        def index(_: Settings, why: tuple[str, ...]) -> None:
            self.runs.append(why)
            time.sleep(seconds)
            if until:
                until.wait(PATIENCE)
            if problem := fail(len(self.runs)):
                raise problem

        self.schedule = Schedule(settings, times, index, self.told.append)
        self.thread = threading.Thread(target=self.schedule.run, kwargs={"watch": watch})

    def __enter__(self) -> "Started":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.schedule.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def wait(self, number: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.runs) < number and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.runs) >= number, self.runs


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_service.schedule.scheduling.TICK", 0.01)
    monkeypatch.setattr("search_service.schedule.scheduling.RETRY", 0.05)


def test_intervals_and_crontab_lines() -> None:
    assert Every(900).next(NOON) == NOON + timedelta(minutes=15)
    assert Every(900).text == "every 15m"
    assert Every(90).text == "every 90s"
    quarter = Cron("*/15 * * * *", "UTC")
    assert quarter.next(NOON) == NOON + timedelta(minutes=15)
    assert quarter.next(NOON - timedelta(seconds=1)) == NOON
    baku = Cron("30 3 * * *", "Asia/Baku")
    assert baku.next(NOON).astimezone(UTC) == datetime(2024, 5, 1, 23, 30, tzinfo=UTC)
    assert baku.text == "at 30 3 * * * in Asia/Baku"


@pytest.mark.parametrize(
    ("line", "zone"), [("* * *", None), ("61 * * * *", None), ("* * * * *", "Mars")]
)
def test_a_wrong_crontab_line_is_refused(line: str, zone: str | None) -> None:
    with pytest.raises(InvalidValue, match="five fields"):
        Cron(line, zone)


def test_an_hour_that_summer_time_skips_is_not_missed() -> None:
    night = Cron("30 2 * * *", "Europe/Berlin")
    before = datetime(2024, 3, 30, 12, tzinfo=UTC)  # 02:30 does not exist on the next morning.
    first = night.next(before)
    assert first - before < timedelta(hours=48)
    assert night.next(first) > first


@given(st.lists(st.integers(-(10**8), 10**8), max_size=8), st.integers(60, 10**6))
def test_however_the_clock_jumps_a_run_is_due_within_one_interval(
    jumps: list[int], interval: int
) -> None:
    clock = Clock(Every(interval), NOON)
    now = NOON
    for jump in jumps:
        now += timedelta(seconds=jump)
        if clock.due(now):
            clock.ran(now)
            assert not clock.due(now)
    assert clock.due(now + timedelta(seconds=interval))


def test_a_run_that_was_missed_is_caught_up_once(settings: Settings) -> None:
    old = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    runs.append(settings.state_folder, RunRecord(old, ("every 1h",), 1.0, "unchanged"))
    with Started(settings, Every(3600)) as started:
        started.wait(1)
        time.sleep(0.1)
        assert started.runs == [("every 1h",)]


def test_nothing_is_caught_up_if_nothing_was_missed(settings: Settings) -> None:
    now = datetime.now(UTC).isoformat()
    runs.append(settings.state_folder, RunRecord(now, ("x",), 1.0, "unchanged"))
    with Started(settings, Every(3600)) as started:
        time.sleep(0.2)
        assert started.runs == []


def test_requests_during_a_run_lead_to_one_more(settings: Settings) -> None:
    finish = threading.Event()
    with Started(settings, None, until=finish) as started:
        _until(lambda: spool.scheduler(settings.state_folder) is not None)
        first = spool.ask(settings.state_folder)
        started.wait(1)
        later = [spool.ask(settings.state_folder) for _ in range(3)]
        finish.set()
        started.wait(2)
        time.sleep(0.5)
        assert started.runs == [
            (f"request {first}",),
            tuple(f"request {name}" for name in later),
        ]
        assert spool.requests(settings.state_folder) == []


def test_points_in_time_during_a_run_are_that_run(settings: Settings) -> None:
    with Started(settings, Every(0.2), seconds=0.5) as started:
        time.sleep(1.3)
    assert len(started.runs) <= 3


def test_a_run_that_fails_is_told_and_the_next_one_comes(settings: Settings) -> None:
    def fail(number: int) -> Exception | None:
        return RunFailed("the disk is full: make room") if number == 1 else None

    with Started(settings, Every(0.05), fail=fail) as started:
        started.wait(2)
    assert started.told == ["the disk is full: make room"]


def test_a_request_waits_while_another_process_writes(settings: Settings) -> None:
    def fail(number: int) -> Exception | None:
        return IndexLocked("wait") if number < 3 else None

    with Started(settings, None, fail=fail) as started:
        _until(lambda: spool.scheduler(settings.state_folder) is not None)
        name = spool.ask(settings.state_folder)
        started.wait(3)
    assert set(started.runs) == {(f"request {name}",)}
    assert spool.requests(settings.state_folder) == []


def test_changes_in_the_folder_are_noticed_and_our_own_files_are_not(settings: Settings) -> None:
    with Started(settings, None, watch=True) as started:
        time.sleep(0.5)
        hidden = settings.corpus / ".search-service"
        hidden.mkdir()
        (hidden / "ledger.jsonl").write_text("{}", encoding="utf-8")
        time.sleep(2.5)
        assert started.runs == []
        (settings.corpus / "new.txt").write_text("A rug.", encoding="utf-8")
        started.wait(1)
    assert started.runs[0] == ("a change in the folder",)


def test_another_folder_in_the_place_of_the_watched_one_is_watched(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a disk is mounted, or a copy is put there: the system watches the old one only."""
    monkeypatch.setattr("search_service.schedule.scheduling.SAME", 0.2)
    with Started(settings, None, watch=True) as started:
        time.sleep(0.5)
        settings.corpus.rename(settings.corpus.with_name("old"))
        time.sleep(0.5)
        settings.corpus.mkdir()
        (settings.corpus / "a.txt").write_text("The tar.", encoding="utf-8")
        started.wait(1)
        time.sleep(2.5)  # Until nothing of that is told any more.
        before = len(started.runs)
        (settings.corpus / "b.txt").write_text("The saz.", encoding="utf-8")
        started.wait(before + 1)


def test_a_folder_that_tells_nothing_is_looked_through(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_service.schedule.scheduling.file_system", lambda _: "nfs4")
    monkeypatch.setattr("search_service.schedule.scheduling._POLL", timedelta(seconds=0.3))
    with Started(settings, None, watch=True) as started:
        _until(lambda: spool.scheduler(settings.state_folder) is not None)
        time.sleep(1.0)
        told = spool.scheduler(settings.state_folder)
        assert told is not None
        assert "looked for every 0.3s" in told.when[0]
        (settings.corpus / "new.txt").write_text("A rug.", encoding="utf-8")
        started.wait(1)
    assert "is on nfs4, which tells of no changes" in started.told[0]


def test_the_kind_of_file_system_is_read_from_the_mounts(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    real = tmp_path.resolve()
    mounts.write_text(
        f"/dev/a / ext4 rw 0 0\nserver:/x {real}/far nfs4 rw 0 0\n"
        f"server:/y {real}/with\\040blank cifs rw 0 0\n",
        encoding="utf-8",
    )
    assert file_system(tmp_path / "far" / "deep", str(mounts)) == "nfs4"
    assert file_system(tmp_path / "with blank", str(mounts)) == "cifs"
    assert file_system(tmp_path / "farther", str(mounts)) == "ext4"
    assert file_system(tmp_path, str(tmp_path / "none")) == ""


def test_one_scheduler_an_index(settings: Settings) -> None:
    with Started(settings, Every(3600)):
        _until(lambda: spool.scheduler(settings.state_folder) is not None)
        with pytest.raises(IndexLocked, match="one is enough"):
            Schedule(settings, None, lambda *_: None, print).run()
        told = spool.scheduler(settings.state_folder)
        assert told is not None
        assert told.when == ("every 1h", "on request")
        assert told.next
    assert spool.scheduler(settings.state_folder) is None
    with pytest.raises(NoScheduler, match="search-service schedule"):
        spool.ask(settings.state_folder)


def test_before_the_first_run_it_is_due_now(settings: Settings) -> None:
    """Not fifteen minutes after the beginning of 1970."""
    seen: list[spool.Scheduler | None] = []

    def index(*_: object) -> None:
        seen.append(spool.scheduler(settings.state_folder))
        schedule.stop()

    schedule = Schedule(settings, Every(900), index, print)
    began = datetime.now(UTC).replace(microsecond=0)
    schedule.run()
    (told,) = seen
    assert told is not None
    assert began <= datetime.fromisoformat(told.next) <= datetime.now(UTC)


def test_who_only_looks_does_not_keep_a_scheduler_from_starting(settings: Settings) -> None:
    """`status` and the pages hold the lock for a moment, to see whether somebody has it."""
    with spool.present(settings.state_folder):
        pass
    handle = os.open(settings.state_folder / spool.SCHEDULER, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    threading.Timer(0.2, os.close, [handle]).start()
    with spool.present(settings.state_folder):
        assert spool.scheduler(settings.state_folder) is not None


def test_a_state_folder_that_cannot_be_written_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with spool.present(settings.state_folder) as presence:  # It goes on without a word.
            presence.tell(spool.Scheduler(1, ()))
    settings.corpus.joinpath("file").touch()
    with pytest.raises(RunFailed, match="cannot be written"):
        Schedule(replace(settings, index=settings.corpus / "file"), None, print, print).run()


def test_it_ends_with_its_parent(settings: Settings) -> None:
    Schedule(settings, None, lambda *_: None, print).run(parent=1 << 22)


def test_records_keep_the_last_runs_and_survive_damage(settings: Settings) -> None:
    state = settings.state_folder
    for number in range(runs.KEPT + 5):
        runs.append(state, RunRecord(NOON.isoformat(), (str(number),), 1.0, "unchanged"))
    found = runs.history(state)
    assert len(found) == runs.KEPT
    assert found[0].why == (str(runs.KEPT + 4),)
    path = state / runs.FILE
    whole = path.read_bytes()
    last = whole.splitlines()[-1]
    for started in (b"yesterday", NOON.isoformat()[:19].encode(), b""):
        path.write_bytes(whole + last.replace(NOON.isoformat().encode(), started) + b'\n{"half')
        assert len(runs.history(state)) == runs.KEPT


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)

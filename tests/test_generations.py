import os
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from search_service.durable import write_file
from search_service.errors import IndexDamaged, IndexLocked, IndexUnavailable
from search_service.generations import CURRENT, Generations
from search_service.manifest import MANIFEST, SMALL, Manifest


def publish(generations: Generations, keep: str | None = None, **files: bytes) -> str:
    """A generation with these files; those that are the same as before are linked."""
    directory = generations.begin()
    written = {}
    for name, data in files.items():
        written[name] = write_file(directory / name, [data])
    manifest = Manifest(directory.name, "2024-05-01T10:00:00+00:00", "none", "f", "", written)
    generations.publish(manifest, keep=(generations.named() or "") if keep is None else keep)
    return directory.name


def flip(path: Path, at: int = 3) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    made = Generations(tmp_path / "index")
    with made.lock():
        pass
    return made


def test_without_an_index_the_cure_is_told(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="run the index command"):
        Generations(tmp_path).current()
    assert Generations(tmp_path / "none").names() == []


def test_the_published_generation_is_live_and_the_one_before_is_kept(
    generations: Generations,
) -> None:
    reader = Generations(generations.index)
    names = [publish(generations, words=b"%d" % number) for number in range(4)]
    assert reader.current().name == names[-1]
    assert reader.names() == [names[3], names[2]]
    assert reader.current().degraded == ()
    assert (reader.current().directory / "words").read_bytes() == b"3"
    publish(generations, words=b"4")
    assert (reader.current().directory / "words").read_bytes() == b"4"


def test_a_generation_of_the_same_content_replaces_the_live_one(generations: Generations) -> None:
    first, _ = (publish(generations, words=word) for word in (b"one", b"two"))
    third = publish(generations, words=b"two, merged", keep=first)
    assert generations.names() == [third, first]


def test_what_an_interrupted_run_left_is_removed_and_its_number_not_used_again(
    generations: Generations,
) -> None:
    live = publish(generations, words=b"one")
    left = generations.begin()
    (left / "half").write_bytes(b"written")
    (generations.index / f".{CURRENT}.77.new").touch()
    again = generations.begin()
    assert again.name > left.name
    again.rmdir()
    generations.tidy()
    assert {path.name for path in generations.index.iterdir()} == {*(CURRENT, "lock", live)}


@pytest.mark.parametrize("name", ["words", "texts", MANIFEST])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_generation_is_not_served(
    generations: Generations, name: str, damage: str
) -> None:
    first = publish(generations, words=b"tar, kamancha", texts=b"mugham")
    second = publish(generations, words=b"tar, kamancha, daf", texts=b"mugham, ashug")
    path = generations.index / second / name
    if damage == "flip":
        flip(path)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    live = Generations(generations.index).current()
    assert live.name == first
    assert second in live.degraded[0] or CURRENT in live.degraded[0]
    flip(generations.index / first / "words")
    left = Generations(generations.index).current()
    assert left.quarantined
    assert any("words has changed" in reason for reason in left.degraded)


def test_every_bit_of_the_pointer_counts(generations: Generations) -> None:
    for word in (b"one", b"two"):
        live = publish(generations, words=word)
    path = generations.index / CURRENT
    data = path.read_bytes()
    for at in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            path.write_bytes(changed)
            served = Generations(generations.index).current()
            assert served.degraded
            assert served.name == live  # The newest that is whole: no run lies between.


def test_large_files_are_verified_in_the_background(generations: Generations) -> None:
    first = publish(generations, words=bytes(SMALL + 1))
    second = publish(generations, words=bytes(SMALL + 2))
    flip(generations.index / second / "words")
    reader = Generations(generations.index)
    assert reader.current().name == second
    with pytest.raises(IndexDamaged, match="has changed"):
        reader.verify(second, bulk=True)
    reader.verify_all()
    assert reader.current().name == first
    assert "has changed since it was written" in reader.current().degraded[0]
    third = publish(generations, words=b"new")
    assert reader.current().name == third
    assert not reader.current().degraded


def test_what_cannot_be_opened_makes_the_one_before_serve(generations: Generations) -> None:
    first, second = (publish(generations, words=word) for word in (b"one", b"two"))

    def opener(directory: Path, _: frozenset[str]) -> str:
        if directory.name == second:
            raise IndexDamaged("its format is unknown: run the index command")
        return directory.name

    live, opened = Generations(generations.index).open(opener)
    assert (live.name, opened) == (first, first)
    assert "its format is unknown" in live.degraded[0]


def test_a_generation_removed_while_it_is_opened_is_no_error(generations: Generations) -> None:
    publish(generations, words=b"0")
    reader = Generations(generations.index)
    reader.current()

    def opener(directory: Path, _: frozenset[str]) -> bytes:
        if directory.name == "00000001":
            for word in (b"1", b"2"):
                publish(generations, words=word)
        return (directory / "words").read_bytes()

    live, data = reader.open(opener)
    assert (live.name, data, live.degraded) == ("00000003", b"2", ())


def test_one_writer_at_a_time(generations: Generations) -> None:
    with (
        generations.lock(),
        pytest.raises(IndexLocked, match=f"process {os.getpid()}"),
        Generations(generations.index).lock(),
    ):
        pass
    with generations.lock():
        pass


def _hold(index: Path, held: object) -> None:
    with Generations(index).lock():
        held.set()  # type: ignore[attr-defined]
        get_context("fork").Event().wait()


def test_the_lock_is_free_when_its_owner_is_killed(generations: Generations) -> None:
    fork = get_context("fork")
    held = fork.Event()
    owner = fork.Process(target=_hold, args=(generations.index, held))
    owner.start()
    assert held.wait(10)
    with pytest.raises(IndexLocked, match=str(owner.pid)), generations.lock():
        pass
    owner.kill()
    owner.join()
    with generations.lock():
        pass


def _hold_with_a_child(index: Path, held: object) -> None:
    with Generations(index).lock():
        if os.fork() == 0:
            time.sleep(0.5)
            os._exit(0)
        held.set()  # type: ignore[attr-defined]
        os._exit(0)


def test_what_a_killed_owner_leaves_is_waited_for(generations: Generations) -> None:
    fork = get_context("fork")
    held = fork.Event()
    owner = fork.Process(target=_hold_with_a_child, args=(generations.index, held))
    owner.start()
    assert held.wait(10)
    owner.join()
    with generations.lock():
        pass


def test_asking_is_quick_and_imports_little() -> None:
    code = (
        "import sys, search_service.generations;"
        "print([m for m in ('numpy', 'whoosh', 'flask', 'click') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

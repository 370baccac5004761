import os
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.corpus import SETTLED_NS, Changes, FileState, Scan, compare, scan
from search_service.errors import InvalidValue


def reasons(found: Scan) -> dict[str, str]:
    return {left.path: left.reason for left in found.left_out}


def since(before: Scan, root: Path) -> Changes:
    return compare(before.files, scan(root))


def test_files_are_found_in_order_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a.txt", ".secret", ".search-service/ledger.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("A kilim has no pile.", encoding="utf-8")
    (tmp_path / "metadata.csv").write_text("path,title\n", encoding="utf-8")
    (tmp_path / "a" / "metadata.csv").write_text("loom,knots\n", encoding="utf-8")
    (tmp_path / "~$letter.docx").write_bytes(b"lock")
    found = scan(tmp_path)
    assert list(found.files) == ["a.txt", "a/metadata.csv", "a/z.txt", "b.txt"]
    assert not found.left_out


def test_a_hidden_file_that_could_be_a_document_is_named(tmp_path: Path) -> None:
    for name in ("..md", ".notes.TXT", ".DS_Store", ".git/readme.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = scan(tmp_path)
    assert not found.files
    assert set(reasons(found)) == {"..md", ".notes.TXT"}


def test_a_missing_folder_or_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(InvalidValue, match="it must be a folder"):
            scan(path)


def test_what_is_no_file_is_named_with_the_reason(tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "song.txt").touch()
    (tmp_path / "outside.txt").touch()
    (root / "out").symlink_to(tmp_path / "outside.txt")
    (root / "in").symlink_to(root / "sub" / "song.txt")
    (root / "up").symlink_to(root)
    (root / "round").symlink_to(root / "round")
    (root / "nothing").symlink_to(root / "none")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(root / "socket"))
    with (root / "sub" / "song.txt").open("rb"):
        Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.txt")).touch()
    found = scan(root)
    assert list(found.files) == ["sub/song.txt"]
    why = reasons(found)
    assert "out of the folder" in why["out"]
    assert "link to sub/song.txt" in why["in"]
    assert "link to ." in why["up"]
    assert "in a circle" in why["round"]
    assert "to nothing" in why["nothing"]
    assert "a FIFO" in why["pipe"]
    assert "a socket" in why["socket"]
    assert "not UTF-8" in why["caf\\xe9.txt"]


def test_what_is_in_an_unreadable_folder_is_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").touch()
    (tmp_path / "subway.txt").touch()
    before = scan(tmp_path)
    real = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    now = scan(tmp_path)
    changes = compare(before.files, now)
    assert changes.hidden == ("sub/a.txt",)
    assert changes.gone == ()
    assert "give the service's user the right" in reasons(now)["sub"]


def test_new_changed_renamed_gone(tmp_path: Path) -> None:
    for name in ("stays", "changes", "moves", "goes"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    before = scan(tmp_path)
    (tmp_path / "changes").write_text("changed", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "moves").rename(tmp_path / "sub" / "moved")
    (tmp_path / "comes").write_text("comes", encoding="utf-8")
    (tmp_path / "goes").unlink()
    changes = since(before, tmp_path)
    assert [file.path for file in changes.new] == ["comes"]
    assert [file.path for file in changes.changed] == ["changes"]
    assert [(old, file.path) for old, file in changes.renamed] == [("moves", "sub/moved")]
    assert changes.gone == ("goes",)
    assert changes.unchanged == 1
    assert since(scan(tmp_path), tmp_path).none


def test_an_inode_used_again_is_no_renaming(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("one", encoding="utf-8")
    state = scan(tmp_path).files["old"]
    (tmp_path / "old").rename(tmp_path / "new")
    (tmp_path / "new").write_text("another", encoding="utf-8")
    now = scan(tmp_path)
    assert now.files["new"].inode == state.inode
    changes = compare({"old": state}, now)
    assert not changes.renamed
    assert changes.gone == ("old",)


def test_same_size_and_restored_mtime_is_still_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one", encoding="utf-8")
    before = scan(tmp_path)
    stamp = path.stat().st_mtime_ns
    time.sleep(0.02)  # The kernel stamps changes once a tick.
    path.write_text("two", encoding="utf-8")
    os.utime(path, ns=(stamp, stamp))
    assert [file.path for file in since(before, tmp_path).changed] == ["a"]


@pytest.mark.parametrize(
    ("mtime", "ctime", "settled"),
    [
        (0, -SETTLED_NS, False),
        (-SETTLED_NS, 0, False),
        (-SETTLED_NS + 1, -SETTLED_NS, False),
        (-SETTLED_NS, -SETTLED_NS, True),
        (70 * 365 * 86400 * 10**9, -SETTLED_NS, True),
    ],
)
def test_a_young_file_is_not_settled(mtime: int, ctime: int, settled: bool) -> None:
    moment = 1_700_000_000 * 10**9
    state = FileState("a", 1, moment + mtime, moment + ctime, 1)
    assert state.settled(moment) is settled


def test_unsettled_files_are_read_anew(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    before = scan(tmp_path)
    changes = compare(before.files, scan(tmp_path), frozenset({"a"}))
    assert [file.path for file in changes.changed] == ["a"]


states = st.builds(
    lambda size, mtime, inode: (size, mtime, 5, inode),
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 3),
)
folders = st.dictionaries(st.sampled_from("abcdef"), states, max_size=6).map(
    lambda found: {path: FileState(path, *state) for path, state in sorted(found.items())}
)


@given(folders, folders)
def test_every_file_is_accounted_for_once(
    before: dict[str, FileState], now: dict[str, FileState]
) -> None:
    changes = compare(before, Scan(now))
    read = [file.path for file in (*changes.new, *changes.changed)]
    read += [file.path for _, file in changes.renamed]
    assert len(read) == len(set(read))
    assert len(read) + changes.unchanged == len(now)
    left = {old for old, _ in changes.renamed}.union(changes.gone)
    assert left == before.keys() - now.keys()
    assert all(before[path] == now[path] for path in now.keys() - set(read))

"""Commands that look after the index: forget, purge, rollback, check."""

import os
from pathlib import Path

import pytest

from search_service.errors import SearchServiceError
from search_service.generations import Generations
from tests.articles import TAR
from tests.cli.command import Command


def test_forget_leaves_no_trace(command: Command) -> None:
    (command.corpus / "tar.txt").write_text(TAR + "\nOne more line.\n", encoding="utf-8")
    command("index")
    document_id = command.json("show", "tar.txt")["id"]
    kilim = command.json("show", "kilim.txt")["id"]
    text = command("forget", document_id)
    assert "remove" in text
    for path in [*command.index.rglob("*"), *command.corpus.glob(".search-service/*")]:
        if path.is_file():
            data = path.read_bytes()
            for trace in (b"mulberry", b"sadigjan", b"Sadigjan", b"tar.txt"):
                assert trace not in data, path
    assert len(Generations(command.index).names()) == 1
    with pytest.raises(SearchServiceError, match="was removed on"):
        command("show", document_id)
    told = command.json("index")
    assert told["documents"] == 1
    assert told["left_out"] == [["tar.txt", told["left_out"][0][1]]]
    assert "withdrawn on" in told["left_out"][0][1]
    (command.corpus / "tar.txt").rename(command.corpus / "copy.txt")
    assert command.json("index")["documents"] == 1
    assert command.json("show", kilim)["path"] == "kilim.txt"
    command("check")


def test_purge_leaves_nothing_of_what_was_deleted(command: Command) -> None:
    document_id = command.json("show", "tar.txt")["id"]
    (command.corpus / "tar.txt").unlink()
    command("index")
    assert any(b"mulberry" in path.read_bytes() for path in command.index.glob("0*/*"))
    command("purge")
    assert not any(b"mulberry" in path.read_bytes() for path in command.index.glob("0*/*"))
    assert len(Generations(command.index).names()) == 1
    with pytest.raises(SearchServiceError, match="was removed on"):
        command("show", document_id)
    command("check")


def test_rollback_goes_back_and_the_next_run_forward_again(command: Command) -> None:
    (command.corpus / "tar.txt").unlink()
    command("index")
    assert "00000001 is live again" in command("rollback")
    assert command.json("status")["drift"]["gone"] == ["tar.txt"]
    assert command.json("show", "tar.txt")["path"] == "tar.txt"
    with pytest.raises(SearchServiceError, match="no generation before"):
        command("rollback")
    assert command.json("index")["documents"] == 1


def test_check_finds_what_is_damaged(command: Command) -> None:
    assert command.json("check", "--deep") == {"sound": True, "findings": []}
    files = Generations(command.index).current().directory.glob("*.texts")
    path = next(iter(files))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    told = command.json("check", code=1)
    assert not told["sound"]
    assert path.name in told["findings"][0]["what"]


def test_check_notices_what_was_not_read_well(command: Command) -> None:
    (command.corpus / "empty.txt").write_text(" \n", encoding="utf-8")
    command("index")
    told = command.json("check")
    assert told["sound"]
    assert [each["where"] for each in told["findings"]] in (["empty.txt"], [])


def test_a_deep_check_notices_a_change_that_left_no_stamp(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = command.corpus / "tar.txt"
    state = path.stat()
    path.write_text(TAR.replace("mulberry", "apricott"), encoding="utf-8")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    from search_service import corpus

    real = corpus.scan

    def still(root: Path) -> corpus.Scan:
        found = real(root)
        looks = found.files["tar.txt"]
        found.files["tar.txt"] = looks._replace(ctime_ns=state.st_ctime_ns)
        return found

    monkeypatch.setattr(corpus, "scan", still)
    told = command.json("check", "--deep", code=1)
    assert told["findings"][0]["where"] == "tar.txt"

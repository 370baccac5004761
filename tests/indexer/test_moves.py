"""Where documents are that have left their paths, by what is in the files."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search_service.indexer.moves import find
from search_service.ledger import Known

KNOWN = {
    "one": Known("a.txt", "", "A"),
    "row1": Known("t.csv", "1", "T"),
    "row2": Known("t.csv", "2", "T"),
}


def apart(*unread: str) -> dict[str, Known]:
    """What is known but for these paths, which are not read."""
    return {each: was for each, was in KNOWN.items() if was.path not in unread}


def test_content_says_where_a_document_is() -> None:
    assert find(apart("t.csv"), {"b.txt": "A"}, {}) == {"b.txt": {"": "one"}}
    assert find(KNOWN, {"u.csv": "T", "t.csv": "A"}, {}) == {
        "t.csv": {"": "one"},
        "u.csv": {"1": "row1", "2": "row2"},
    }


def test_a_document_stays_while_its_file_is_there() -> None:
    assert find(apart("a.txt", "t.csv"), {"b.txt": "A"}, {}) == {}
    assert find(apart("t.csv"), {"a.txt": "A", "b.txt": "A"}, {}) == {}


def test_of_copies_the_very_file_is_taken_or_the_one_of_the_same_name() -> None:
    known = {name: Known(f"old/{name}.txt", "", "A") for name in "abc"}
    hashes = {f"new/{name}.txt": "A" for name in "abcd"}
    assert find(known, hashes, {}) == {f"new/{name}.txt": {"": name} for name in "abc"}
    assert find(known, {"new/x.txt": "A"}, {"new/x.txt": "old/c.txt"}) == {"new/x.txt": {"": "c"}}


paths = st.sampled_from("abcdef")
contents = st.dictionaries(paths, st.sampled_from("XYZ"))


@given(contents, contents, st.sets(paths))
def test_no_document_is_at_two_places_and_none_is_lost_while_its_content_is_there(
    before: dict[str, str], now: dict[str, str], unread: set[str]
) -> None:
    known = {f"id-{path}": Known(path, "", sha) for path, sha in before.items()}
    hashes = {path: sha for path, sha in now.items() if path not in unread}
    read = {each: was for each, was in known.items() if was.path not in unread}
    moves = find(read, hashes, {})
    moved = [each for ids in moves.values() for each in ids.values()]
    assert len(moved) == len(set(moved))
    for path, ids in moves.items():
        assert known[ids[""]].sha == hashes[path]
        assert before.get(path) != hashes[path] or path in unread
    for sha in "XYZ":
        places = [path for path in hashes if hashes[path] == sha]
        at_home = [path for path in places if before.get(path) == sha]
        astray = [p for p in before if before[p] == sha and p not in unread and p not in at_home]
        came = [path for path in moves if hashes[path] == sha]
        assert len(came) == min(len(astray), len(places) - len(at_home))

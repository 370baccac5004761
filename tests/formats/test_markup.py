"""What blocks marked-up text is made of, where that is not plain from its tags."""

from __future__ import annotations

import pytest

from search_service.languages.identify import Identifier
from search_service.model import BlockKind
from search_service.passages.cutting import cut
from tests.formats.reading import read_one

MANUAL = """# curl

> Scarica file da un indirizzo.

- Scarica una pagina:

`curl follow every link of the page and save what it says in this file`

- Mostra la versione:

`curl show which version of the program this is and then leave`
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "`git log --oneline`"),
        ("a.md", "> `git log`\n> `git show`"),
        ("a.html", "<p><code>git <b>log</b></code> <kbd>git show</kbd></p>"),
    ],
)
def test_a_paragraph_of_commands_alone_is_code(name: str, text: str) -> None:
    assert [block.kind for block in read_one(name, text.encode()).blocks] == [BlockKind.CODE]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Use `git log`", BlockKind.PARAGRAPH),
        ("`git log` or `git show`", BlockKind.PARAGRAPH),
        ("- `git log`", BlockKind.ITEM),
        ("## `git log`", BlockKind.HEADING),
    ],
)
def test_code_among_words_is_not_a_block_of_its_own(text: str, kind: BlockKind) -> None:
    assert [block.kind for block in read_one("a.md", text.encode()).blocks] == [kind]


def test_commands_say_nothing_of_the_language_around_them() -> None:
    passages = cut(read_one("curl.md", MANUAL.encode()), Identifier().identify)
    assert {passage.language for passage in passages} == {"it"}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.md", "1. Rinse\n2. Soak", "1. Rinse\n2. Soak"),
        ("a.md", "7) Rinse\n8) Soak", "7. Rinse\n8. Soak"),
        ("a.md", "1. Rinse\n\n   twice\n\n2. Soak", "1. Rinse\ntwice\n2. Soak"),
        (
            "a.md",
            "1. Rinse\n   1. rice\n   2. peas\n2. Soak",
            "1. Rinse\n1. rice\n2. peas\n2. Soak",
        ),
        ("a.md", "- Rinse\n- Soak", "Rinse\nSoak"),
        ("a.md", "1. - Rinse\n   - Soak\n2. Boil", "1. Rinse\nSoak\n2. Boil"),
        (
            "a.html",
            "<ol start=5><li>Tea<li value=9><p>Rice<li>Salt</ol>",
            "5. Tea\n9. Rice\n10. Salt",
        ),
        ("a.html", "<ol type=a><li>Rinse<li>Soak</ol>", "a. Rinse\nb. Soak"),
        ("a.html", "<ol type=I start=4><li>Rinse<li>Soak</ol>", "IV. Rinse\nV. Soak"),
        ("a.html", "<ol reversed><li>Rinse<li>Soak</ol>", "2. Rinse\n1. Soak"),
        ("a.html", "<ol><li><h2>Tea</h2><p>Hot</p><li>Rice</ol>", "1. Tea\n\nHot\n2. Rice"),
        ("a.html", "<ol start=x><li> <li>Soak</ol>", "2. Soak"),
    ],
)
def test_ordered_lists_have_their_numbers(name: str, text: str, expected: str) -> None:
    assert read_one(name, text.encode()).text == expected


def test_a_numbered_item_is_a_sentence_with_its_number() -> None:
    text = "Do it so:\n\n" + "".join(
        f"{at}. Rinse the rice in cold water {at} times.\n" for at in (1, 2)
    )
    extract = read_one("a.md", text.encode())
    passages = cut(extract, Identifier().identify)
    assert [extract.text[each.start : each.end] for each in passages][-2:] == [
        "1. Rinse the rice in cold water 1 times.",
        "2. Rinse the rice in cold water 2 times.",
    ]

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

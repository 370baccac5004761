"""Every language is in the table, reads its own words, and stems what its vectors say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import search_service.languages as languages
from search_service.errors import UnknownName
from search_service.languages import LANGUAGES, analysis, codes, get
from search_service.languages.base import Language

_FOLDER = Path(languages.__file__).parent
_TOOLS = {
    *("analysis", "azerbaijani", "base", "casing", "compiled_keys", "datewords", "folding"),
    *("formkeys", "identify", "light"),
    *(
        "ngrams",
        "scripts",
        "segment",
        "sentences",
        "separators",
        "snowball",
        "stop_words",
        "stopping",
        "synonyms",
    ),
    *("tokens", "translit", "turkic", "turkic_stems", "wordtable"),
}
_VECTORS = [
    pytest.param(path.stem, *line.split("\t"), id=f"{path.stem}-{line.split()[0]}")
    for path in sorted(Path(__file__).parent.glob("*.tsv"))
    for line in path.read_text("utf-8").splitlines()
]


def test_every_file_is_in_the_table_or_a_tool() -> None:
    files = {path.stem for path in _FOLDER.glob("*.py")} - {"__init__"}
    assert files - _TOOLS == set(LANGUAGES)


def test_every_list_of_stop_words_names_source_and_licence() -> None:
    lists = sorted((_FOLDER / "stopwords").glob("*.txt"))
    assert {path.stem for path in lists} == set(LANGUAGES)
    for path in lists:
        first, second = path.read_text("utf-8").splitlines()[:2]
        assert first.startswith("# Source: "), path
        assert second.startswith("# Licence: "), path


def test_an_unknown_code_lists_the_choices() -> None:
    with pytest.raises(UnknownName, match=r"unknown language 'xx': choose one of az, en"):
        get("xx")


@pytest.mark.parametrize("code", codes())
def test_a_language_agrees_with_itself(code: str) -> None:
    language = get(code)
    assert language.code == code
    assert len(set(language.alphabet)) == len(language.alphabet)
    for word in language.stop_words:
        assert language.surfaces(word) == [word]
        assert analysis.analyser(code).form(word).stop
    sample = f"{language.name} 27-05, {language.alphabet}."
    assert [token.surface for token in language.tokenise(sample)]
    assert language.direction == ("rtl" if language.scripts[0] in {"Arab", "Hebr"} else "ltr")


@pytest.mark.parametrize(("code", "word", "stem"), _VECTORS)
def test_stems(code: str, word: str, stem: str) -> None:
    assert f"{code}:{stem}" in analysis.analyser(code).form(word).stems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dağ", "dağlarımızdan"),
        ("dağ", "daglarimizdan"),
        ("köynək", "köynəyini"),
        ("bulaq", "bulağa"),
        ("ağız", "ağzını"),
        ("oxumaq", "oxuduğunu"),
        ("gəl", "gəlməyəcək"),
        ("Гарабағ", "Qarabağda"),
    ],
)
def test_azerbaijani_forms_of_a_word_meet(one: str, other: str) -> None:
    form = analysis.analyser("az").form
    assert set(form(one).stems) & set(form(other).stems)


@pytest.mark.parametrize(
    ("one", "other"),
    [("dağ", "dalğa"), ("körpü", "kömür"), ("qatar", "qatıq"), ("balıq", "bala")],
)
def test_azerbaijani_words_of_their_own_do_not(one: str, other: str) -> None:
    form = analysis.analyser("az").form
    assert not set(form(one).stems) & set(form(other).stems)


def test_the_language_in_the_instructions_works(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (_FOLDER.parents[1] / "docs" / "adding-a-language.md").read_text("utf-8")
    code = page.split("```python sv.py\n")[1].split("```")[0]
    monkeypatch.setattr("search_service.languages.stop_words.stop_words", lambda _: frozenset())
    made: dict[str, Language] = {}
    exec(compile(code, "sv.py", "exec"), made)
    assert list(made["LANGUAGE"].stem("bergen")) == ["berg"]


@pytest.mark.parametrize("code", codes())
def test_a_language_knows_no_other(code: str) -> None:
    source = (_FOLDER / f"{code}.py").read_text("utf-8")
    imported = re.findall(r"search_service\.languages\.(\w+)", source)
    assert set(imported) <= _TOOLS

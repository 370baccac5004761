"""The figures of the languages are counted right, on lines made here."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("ir_measures")

from tests.figures import declaration, identification, morphology
from tests.figures.__main__ import main

# Three of the four forms are of `ev`, two of `əvin`: four pairs, and the ladder makes all six.
FORMS = "ev\tevdən\tN\nev\tevlər\tN\nev\tevin\tN\nəvin\tevin\tN\nəvin\tevinə\tN\n"
TREEBANK = (
    "# text = Quşlar uçdu, uçur, axşam\n"
    "1\tQuşlar\tquş\tNOUN\t_\t_\t2\tnsubj\t_\t_\n"
    "2\tUçdu\tuç\tVERB\t_\t_\t0\troot\t_\t_\n"
    "3\tuçur\tuç\tVERB\t_\t_\t2\tconj\t_\t_\n"
    "4\tuçur\tuç\tVERB\t_\t_\t2\tconj\t_\t_\n"
    "5\tgördü\t_\tVERB\t_\t_\t2\tconj\t_\t_\n"
    "6\tgəlmədi\tdur\tVERB\t_\t_\t2\tconj\t_\t_\n"
    "7\tdurdu\tdur\tVERB\t_\t_\t2\tconj\t_\t_\n"
)


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_pairs_of_forms(tmp_path: Path) -> None:
    rows = morphology.unimorph(file(tmp_path, "forms.tsv", FORMS))
    found = morphology.conflation(rows, "az")
    assert found == morphology.Conflation(forms=4, wanted=4, brought=6, right=4)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == 1.0
    assert found.f1 == pytest.approx(0.8)


def test_pairs_of_verbs_in_a_treebank(tmp_path: Path) -> None:
    rows = morphology.treebank(file(tmp_path, "a.conllu", TREEBANK), "VERB")
    found = morphology.conflation(rows, "az")
    assert found == morphology.Conflation(forms=4, wanted=2, brought=1, right=1)
    assert (found.precision, found.recall) == (1.0, 0.5)


def test_no_pairs_at_all() -> None:
    found = morphology.conflation(iter([("ev", "evin"), ("su", "suyun")]), "az")
    assert (found.precision, found.recall, found.f1) == (0.0, 0.0, 0.0)


def test_diacritics_are_left_out_in_both_cases() -> None:
    assert identification.stripped("İşıq, ÇƏRÇİVƏ, Iğdır") == "Isiq, CERCIVE, Igdir"


def test_languages_of_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "index_id\tcategory\ttext\n"
    az = "1\ttravel\tLeylək hər yaz köhnə yuvasına qayıdır.\n2\ttravel\tThe stork comes back.\n"
    en = '1\ttravel\tThe "stork comes back every spring.\n'
    files = [
        file(tmp_path, "azj_Latn.test.tsv", head + az),
        file(tmp_path, "eng_Latn.dev.tsv", head + en),
        file(tmp_path, "eng_Latn.test.tsv", head + en),
    ]
    main(["identification", *map(str, files)])
    assert capsys.readouterr().out.splitlines() == [
        "az: 0.5000 of 2; taken for en 1",
        "en: 1.0000 of 2",
        "all: 0.7500 of 4 sentences in 2 languages",
        "az without diacritics: 0.5000 of 2; taken for en 1",
    ]
    with pytest.raises(SystemExit, match="no file is in 'tr'; there are az, en"):
        main(["identification", *map(str, files), "--stripped", "tr"])


def universal(folder: Path, name: str, *paragraphs: str) -> Path:
    rows = "".join(
        f"<article number='{number}'><title>Article {number}</title><orderedlist><listitem>"
        f"<para>{text}</para></listitem></orderedlist></article>"
        for number, text in enumerate(paragraphs, 1)
    )
    preamble = "<preamble><para>Not asked.</para></preamble>"
    return file(folder, name, f"<udhr xmlns='urn:x'>{preamble}{rows}</udhr>")


def test_articles_find_their_counterpart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cyrillic = universal(
        tmp_path, "cyrl.xml", "Шәкидә 3 бөјүк карвансара вар.", "Лејләк һәр јаз гајыдыр."
    )
    latin = universal(
        tmp_path, "latn.xml", "Şəkidə 3 böyük karvansara var.", "Göydə ulduz görünmür."
    )
    english = universal(tmp_path, "eng.xml", "There are 3 inns.", "The stork comes back.")
    assert declaration.articles(latin)["2"] == "Göydə ulduz görünmür."
    assert declaration.beginning("1, bir iki üç dörd beş altı yeddi səkkiz doqquz") == (
        "bir iki üç dörd beş altı yeddi səkkiz"
    )
    main(["declaration", *map(str, (cyrillic, latin, latin, cyrillic, english))])
    assert capsys.readouterr().out.splitlines() == [
        "cyrl.xml -> latn.xml: recall@1 0.5000 of 2, among 2 files; not first: 2",
        "latn.xml -> cyrl.xml: recall@1 0.5000 of 2, among 2 files; not first: 2",
    ]


@pytest.mark.parametrize(
    ("figure", "name", "text", "message"),
    [
        ("morphology", "a.tsv", "evin\n", "line 1: write lemma, form"),
        ("morphology", "a.tsv", "ev\tbir ev\n", "'bir ev' is not one word"),
        ("morphology", "a.conllu", "# text =\n", "none of the words"),
        ("morphology", "a.conllu", "1\tevin\n", "line 1: a line of CoNLL-U has ten columns"),
        ("identification", "az.tsv", "Bir cümlə.\n", "names no column 'text'"),
        ("identification", "az.tsv", "text\n", "give a sentence in each line"),
        ("identification", "xx.tsv", "text\nBir cümlə.\n", "unknown language 'xx'"),
        ("declaration", "a.xml", "<udhr>", "a.xml"),
        ("declaration", "a.xml", "<udhr/>", "it has no articles"),
    ],
)
def test_other_files_are_refused(
    figure: str, name: str, text: str, message: str, tmp_path: Path
) -> None:
    path = str(file(tmp_path, name, text))
    with pytest.raises(SystemExit, match=message):
        main([figure, *[path] * (3 if figure == "declaration" else 1)])

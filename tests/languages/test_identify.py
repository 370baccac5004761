"""Which language a sentence is in, alone and among its neighbours."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.errors import UnknownName
from search_service.languages import UNDETERMINED
from search_service.languages.identify import Identifier, known
from search_service.languages.scripts import script_of

SENTENCES = {
    "az": "Leylək hər yaz həmin damın üstünə qayıdır və köhnə yuvasını təmir edir.",
    "en": "The stork comes back to the same roof every spring and mends its old nest.",
    "tr": "Leylek her bahar aynı çatıya geri döner ve eski yuvasını onarır.",
    "ru": "Аист каждую весну возвращается на ту же крышу и чинит своё старое гнездо.",
    "uk": "Лелека щовесни повертається на той самий дах і лагодить своє старе гніздо.",
    "de": "Der Storch kehrt jeden Frühling auf dasselbe Dach zurück und flickt sein altes Nest.",
    "fr": "La cigogne revient chaque printemps sur le même toit et répare son vieux nid.",
    "es": "La cigüeña vuelve cada primavera al mismo tejado y arregla su viejo nido.",
    "it": "La cicogna torna ogni primavera sullo stesso tetto e ripara il suo vecchio nido.",
    "pt": "A cegonha volta todas as primaveras ao mesmo telhado e conserta o seu velho ninho.",
    "nl": "De ooievaar keert elk voorjaar terug naar hetzelfde dak en herstelt zijn oude nest.",
    "pl": "Bocian co roku wiosną wraca na ten sam dach i naprawia swoje stare gniazdo.",
    "ro": "Barza se întoarce în fiecare primăvară pe același acoperiș și își repară vechiul cuib.",
    "uz": "Laylak har bahorda o'sha tomga qaytib keladi va eski uyasini tuzatadi.",
    "tk": "Leglek her ýaz şol bir üçege dolanyp gelýär we köne höwürtgesini bejerýär.",
    "kk": "Лейлек әр көктемде сол шатырға қайтып келіп, ескі ұясын жөндейді.",
    "ar": "يعود اللقلق كل ربيع إلى السطح نفسه ويصلح عشه القديم.",
    "fa": "لک‌لک هر بهار به همان بام باز می‌گردد و آشیانهٔ کهنهٔ خود را درست می‌کند.",
    "azb": "لئیلک هر یاز همین دامین اوستونه قاییدیر و کؤهنه یوواسینی دوزلدیر.",
    "el": "Ο πελαργός γυρίζει κάθε άνοιξη στην ίδια στέγη.",
    "hy": "Արագիլը ամեն գարուն վերադառնում է նույն տանիքը։",
    "ka": "ყარყატი ყოველ გაზაფხულზე იმავე სახურავზე ბრუნდება.",
    "he": "החסידה חוזרת בכל אביב לאותו הגג.",
    "hi": "सारस हर वसंत उसी छत पर लौट आता है।",
    "zh": "每年春天白鹳都会回到同一个屋顶。",
    "ja": "コウノトリは毎年春に同じ屋根へ戻ってくる。",
    "ko": "황새는 해마다 봄이면 같은 지붕으로 돌아온다.",
}
UNMARKED = str.maketrans("əışçğöü", "eiscgou")


@pytest.fixture(scope="module")
def identifier() -> Identifier:
    return Identifier()


def alone(identifier: Identifier, text: str, declared: str | None = None) -> str:
    return identifier.identify([text], [0], [declared])[0]


def together(identifier: Identifier, *texts: str, declared: str | None = None) -> list[str]:
    return identifier.identify(texts, range(len(texts)), [declared] * len(texts))


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_known(code: str) -> None:
    assert alone(Identifier(tuple(SENTENCES)), SENTENCES[code]) == code


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("az", SENTENCES["az"].translate(UNMARKED)),
        ("tr", "Istanbul'da yagmur yagiyor ve insanlar iskelede vapuru bekliyor."),
        ("az", "Xalcalar el ile toxunur ve quru yerde saxlanilir."),
        ("az", "XALÇA TOXUMAQ QƏDİM SƏNƏTDİR!"),
        ("az", "Һәр јаз лејләк һәмин дамын үстүнә гајыдыр вә көһнә јувасыны тәмир едир."),
        ("ar", "أنشئ ملفا مضغوطا: tar cf {{path/to/target.tar}} {{path/to/file1 path/to/file2}}"),
        ("ru", "Используйте git commit --amend, чтобы изменить последнее сообщение."),
    ],
)
def test_how_people_type(identifier: Identifier, code: str, text: str) -> None:
    assert alone(identifier, text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Storken kommer tillbaka till samma tak varje vår och lagar sitt gamla bo.",
        "Haikara palaa joka kevät samalle katolle ja korjaa vanhan pesänsä.",
        "Щъркелът се връща всяка пролет на същия покрив и поправя старото си гнездо.",
        "นกกระสากลับมาที่หลังคาเดิมทุกฤดูใบไม้ผลิ",
    ],
)
def test_a_language_that_is_not_ours_is_said_not_to_be_known(
    identifier: Identifier, text: str
) -> None:
    assert alone(identifier, text) == UNDETERMINED


def test_candidates_can_be_restricted() -> None:
    assert alone(Identifier(["az", "ru"]), SENTENCES["tr"]) == "az"
    with pytest.raises(UnknownName, match="choose one of"):
        Identifier(["az", "xx"])


def test_a_line_too_short_to_tell_takes_the_language_around_it(identifier: Identifier) -> None:
    short = ["Park", "8 noyabr", "OK", "", "12 345", "—"]
    for code in ("az", "en", "de"):
        for text in short:
            names = together(identifier, SENTENCES[code], text, SENTENCES[code])
            assert names == [code] * 3


def test_a_line_between_two_languages_takes_one_of_them(identifier: Identifier) -> None:
    names = together(identifier, SENTENCES["ru"], "2020", SENTENCES["az"])
    assert names[1] in {"ru", "az"}


def test_halves_in_two_languages_are_both_known(identifier: Identifier) -> None:
    halves = [SENTENCES["en"]] * 3 + [SENTENCES["az"]] * 3
    assert together(identifier, *halves) == ["en"] * 3 + ["az"] * 3


def test_one_sentence_of_another_language_is_told_apart(identifier: Identifier) -> None:
    english = SENTENCES["en"]
    assert together(identifier, english, SENTENCES["az"], english) == ["en", "az", "en"]
    inside = identifier.identify([english, SENTENCES["ru"], english], [0, 0, 0], [None] * 3)
    assert inside == ["en", "ru", "en"]


def test_what_says_nothing_has_no_language_unless_it_is_declared(identifier: Identifier) -> None:
    assert together(identifier, "", "2020", "—") == [UNDETERMINED] * 3
    assert together(identifier, "", "2020", declared="tr") == ["tr", "tr"]
    assert together(identifier, "2020", declared="en-GB") == ["en"]
    assert identifier.identify([], [], []) == []


def test_commands_and_addresses_say_nothing(identifier: Identifier) -> None:
    lines = ["tar cf {{path/to/target.tar}}", "https://example.org/read/more", "--help"]
    names = together(identifier, SENTENCES["ar"], *lines, SENTENCES["ar"])
    assert names == ["ar"] * 5


def test_a_wrong_declaration_does_not_hide_a_sentence(identifier: Identifier) -> None:
    assert alone(identifier, SENTENCES["az"], declared="en") == "az"


def test_a_document_is_named_the_same_whatever_was_read_before() -> None:
    texts = list(SENTENCES.values())
    used = Identifier()
    for text in texts:
        alone(used, text)
    for text in texts:
        assert alone(used, text) == alone(Identifier(), text)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_has_a_language_that_is_known(texts: list[str]) -> None:
    identifier = Identifier()
    names = identifier.identify(texts, [0] * len(texts), [None] * len(texts))
    assert len(names) == len(texts)
    assert set(names) <= {*known(), UNDETERMINED}


def test_scripts_of_letters() -> None:
    letters = {"ə": "Latn", "ә": "Cyrl", "ա": "Armn", "გ": "Geor", "ن": "Arab", "語": "Hani"}
    assert {letter: script_of(letter) for letter in letters} == letters


def test_ten_thousand_sentences_a_second(identifier: Identifier) -> None:
    texts = list(SENTENCES.values()) * 40
    together(identifier, *texts)
    began = time.process_time()
    together(identifier, *texts)
    assert len(texts) / (time.process_time() - began) > 4000  # ten times that, where nothing runs


@pytest.mark.parametrize("piece", ["a", "a.", "/", "--", "{", "語", "a'", " "])
def test_time_is_linear_whatever_the_text(identifier: Identifier, piece: str) -> None:
    began = time.process_time()
    alone(identifier, piece * 200_000)
    assert time.process_time() - began < 1


def test_what_says_nothing_goes_with_what_is_before_it(identifier: Identifier) -> None:
    """A command belongs to the line that introduces it."""
    texts = (SENTENCES["en"], "", SENTENCES["az"], "", SENTENCES["ru"])
    assert together(identifier, *texts) == ["en", "en", "az", "az", "ru"]

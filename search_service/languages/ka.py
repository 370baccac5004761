"""Georgian: postpositions, cases and plural cut off."""

from __future__ import annotations

from functools import partial

from search_service.languages.base import Language
from search_service.languages.casing import lower
from search_service.languages.folding import fold
from search_service.languages.light import light
from search_service.languages.sentences import sentences
from search_service.languages.stop_words import stop_words
from search_service.languages.tokens import WORDS

LANGUAGE = Language(
    code="ka",
    name="ქართული",
    english_name="Georgian",
    scripts=("Geor",),
    alphabet="აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    stop_words=stop_words("ka"),
    lower=lower,
    fold=fold,
    stem=light(
        "ც ცა ვე",
        "ში ზე თან დან იდან გან ისგან მდე ამდე თვის ისთვის კენ ისკენ ვით შიც ებრ",
        "ის ისი ისა ით ად მა სა ითა ს ი მ ო ა ე უ",
        "ებ ნ თ",
        shortest=3,
    ),
    tokenise=WORDS.tokens,
    surfaces=WORDS.surfaces,
    sentences=partial(sentences, abbreviations=frozenset()),
)

"""Sentence ends in every script, and the laws that hold for any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.languages.sentences import sentences

ABBREVIATIONS = frozenset({"dr", "prof", "i.e", "e.g", "no", "ul", "г", "см"})

CUTS = {
    "English": "The train left at six. | Nobody was on it! | Was it early?",
    "quotes close after the end": "He said “It is late.” | Then he left. | (So did she.) | Good.",
    "a question inside": "“Is it far?” she asked, and laughed. | It was.",
    "abbreviation": "Ask Dr. Green, i.e. Anna, about No. 7. | She knows.",
    "initials": "A. Xəlilov və Q. Qarayev xalça toxuyur. | Sonra çay içirlər.",
    "ordinal in small letters": "Konsert 8. noyabr günü olacaq. | Gəlin!",
    "ellipsis": "Gözlədi… sonra getdi… | Heç kim gəlmədi... | Gecə idi.",
    "dialogue dash": "— Пора! — сказал он. | — Идём.",
    "two letters": "Птицы, т. е. ласточки, улетают. | Зима близко.",
    "Armenian": "Գնացքը հասավ։ | Ժամը վեցն է։",
    "Armenian, a typist's colon": "Գնացքը հասավ: | Ժամը վեցն է:",
    "Georgian": "მატარებელი მოვიდა. | ა. წერეთელი წერდა.",
    "Arabic": "هل وصل القطار؟ | نعم وصل. | شكرا!",
    "Urdu": "گاڑی آ گئی۔ | سب خوش ہیں۔",
    "Hindi": "रेल आ गई। | सब खुश हैं॥ | चाय पियो।",
    "Chinese": "火车到了。|大家都很高兴！|你呢？",
    "Japanese, quoted": "「はい。」と言った。|列車が来た。",
    "Greek question": "Ήρθε το τρένο; | Ναι, ήρθε.",
    "numbers and names": "It costs 3.50 at example.com today. | Python 3.11 is used.",
    "note": "Rice is boiled first.[12] | Then it rests.",
    "a number with its letter": "Он живёт на Садовой, д. 5. | See p. 7 for the map. | Good.",
    "numbered": "1. Wash the rice. | 2. Boil it.",
    "U.S.": "The U.S. National Park has bears. | Keep away.",
    "blank line": "A line without a mark\n\n | Another one",
    "letters lower": "Es gibt Obst, z. B. Äpfel. | Gut.",
}


@pytest.mark.parametrize("case", CUTS)
def test_sentences_end_where_a_reader_sees_it(case: str) -> None:
    expected = [part.strip() for part in CUTS[case].split("|")]
    text = CUTS[case].replace(" | ", " ").replace("|", "")
    assert [text[start:end] for start, end in sentences(text, ABBREVIATIONS)] == expected


def test_german_ordinals_do_not_end_a_sentence() -> None:
    text = "Am 8. November fährt der Zug. Am 9. Mai nicht."
    assert [text[s:e] for s, e in sentences(text, frozenset(), ordinals=True)] == [
        "Am 8. November fährt der Zug.",
        "Am 9. Mai nicht.",
    ]


@given(st.text(alphabet="aA1.!?…»\"'()[] \n。」։।:;—Dr", max_size=80))
def test_everything_but_white_space_is_in_a_sentence_once(text: str) -> None:
    spans = sentences(text, ABBREVIATIONS)
    end = 0
    for start, stop in spans:
        assert start >= end
        assert not text[end:start].strip()
        assert text[start:stop] == text[start:stop].strip() != ""
        end = stop
    assert not text[end:].strip()


@given(st.text(alphabet="aAб1.!?…»' \n。」։।:", max_size=80))
def test_a_rest_that_begins_at_a_sentence_is_cut_alike(text: str) -> None:
    """What anchors rely on: cutting differently leaves the later sentences as they are."""
    spans = sentences(text, ABBREVIATIONS)
    for at, (start, _) in enumerate(spans):
        rest = sentences(text[start:], ABBREVIATIONS)
        assert [(s + start, e + start) for s, e in rest] == spans[at:]


@pytest.mark.parametrize("piece", [".", "a. ", "\n", "((", "A.A.", "।", "\n \n", "[1]", " "])
def test_time_is_linear_whatever_the_text(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    began = time.process_time()
    sentences(text, ABBREVIATIONS)
    assert time.process_time() - began < 2

"""What the JSON endpoint answers: its shapes, as models that also describe it in OpenAPI.

The command line's `--json` prints the same.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of all answers: nothing is in one that its description does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MatchAnswer(Answer):
    """One marked word or phrase, in code points of the document's text."""

    start: int
    end: int
    rung: str = Field(description="exact, fold, stem, translit or similar")
    form: str = Field(description="the word as the text has it")
    word: str = Field(description="the word of the query that it answers")


class PassageAnswer(Answer):
    """A passage that was found."""

    id: str
    url: str = Field(description="opens the document at this passage")
    language: str = Field(description="ISO 639-1, or `und`")
    page: int | None
    score: float
    similar_only: bool = Field(description="met by similar words alone, and not in the totals")
    headings: list[str] = Field(description="the heading path as safe HTML, outermost first")
    lead_in: str | None = Field(description="the sentence before the list, as safe HTML")
    snippet: str = Field(description="safe HTML: escaped text with <mark>")
    start: int = Field(description="of the snippet in the document's text, in code points")
    end: int
    matches: list[MatchAnswer]
    duplicates: list[str] = Field(description="ids of near-duplicate passages grouped under it")


class Described(Answer):
    """What a list says of a document."""

    id: str
    title: str
    source: str | None
    author: str | None
    date: str | None = Field(description="ISO 8601, no more precise than it was written")
    languages: list[str]
    format: str
    path: str
    url: str


class DocumentHitAnswer(Described):
    """A document that was found."""

    score: float
    missing: list[str] = Field(description="words of the query that it does not have")
    passages_found: int
    passages: list[PassageAnswer]


class PassageHitAnswer(PassageAnswer):
    """With `group=none`, a passage that was found, and its document."""

    missing: list[str]
    document: Described


class FacetAnswer(Answer):
    """One value of a facet with the number of matching documents."""

    value: str
    label: str
    count: int
    selected: bool


class SuggestionAnswer(Answer):
    """Another spelling that this index has."""

    query: str
    word: str
    documents: int
    match: str | None = Field(description="how far down the phrase is met, if it is one")
    url: str


class FormAnswer(Answer):
    """A form of a word that was met in the hits."""

    form: str
    rung: str
    passages: int


class WordAnswer(Answer):
    """How one word of the query was met."""

    word: str
    documents: int = Field(description="how many documents it alone would find")
    forms: list[FormAnswer]


class ObstacleAnswer(Answer):
    """When nothing is found: a filter without which something would be."""

    name: str
    values: list[str]
    documents: int


class SimilarAnswer(Answer):
    """When nothing is found: what is, by words that only begin alike; `facets` count it."""

    documents: int
    passages: int
    whole: bool = Field(description="whether these are all; else there are more")


class SearchAnswer(Answer):
    """What a search answers."""

    query: str
    group: Literal["document", "none"]
    hits: list[DocumentHitAnswer] | list[PassageHitAnswer]
    total: int = Field(description="documents, or passages with `group=none`")
    total_documents: int
    total_passages: int
    total_all_words: int = Field(description="those that have every word: what op=and finds")
    total_relation: Literal["eq", "gte"]
    limit: int
    offset: int
    next: str | None = Field(description="the address of the next page")
    generation: str
    took_ms: float
    facets: dict[str, list[FacetAnswer]]
    suggestions: list[SuggestionAnswer]
    words: list[WordAnswer]
    similar: SimilarAnswer | None
    obstacles: list[ObstacleAnswer]
    notes: list[str] = Field(description="codes of what the reader should know: limit_clamped")


class ValueAnswer(Answer):
    """A value and where it came from."""

    value: str
    where: str = Field(description="in words: text, line 5")


class PassageText(Answer):
    """A passage with its text."""

    id: str
    url: str
    language: str
    page: int | None
    start: int
    end: int
    headings: list[str]
    text: str


class DocumentAnswer(Described):
    """A whole document."""

    metadata: dict[str, ValueAnswer]
    original: str | None = Field(description="its file, where it may be downloaded")
    stale: bool = Field(description="its file could not be read at the last run")
    warnings: list[str]
    text: str
    passages: list[PassageText]


class DocumentList(Answer):
    """All documents, a page at a time, in order of path."""

    documents: list[Described]
    total: int
    limit: int
    offset: int
    next: str | None
    generation: str


class OnePassage(Answer):
    """A passage with its neighbours and its document."""

    passage: PassageText
    before: PassageText | None
    after: PassageText | None
    moved: bool = Field(description="the link's own sentence begins another passage by now")
    document: Described


class Completion(Answer):
    """A word or a title that goes on as was typed."""

    text: str
    kind: Literal["word", "title"]
    passages: int | None = Field(description="of a word: how many have it")
    url: str


class Completions(Answer):
    """How a word may go on."""

    query: str
    completions: list[Completion]


class Problem(Answer):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str = Field(description="what is wrong: what to do")
    code: str = Field(description="stable: invalid_value")
    parameter: str | None = None
    choices: list[str] | None = None

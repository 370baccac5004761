"""The pages and states that are looked at: by the checker of markup, and by axe."""

from __future__ import annotations

from flask.testing import FlaskClient

PAGES = {
    "start": "/",
    "results": "/search?q=bridge",
    "several words": "/search?q=old+bridge+saffron",
    "phrase": "/search?q=%22old+bridge%22",
    "one hit": "/search?q=masons",
    "long title": "/search?q=mulberry",
    "mixed languages": "/search?q=kamança",
    "nothing": "/search?q=zeppelin+qwrtz",
    "other forms": "/search?q=kamancaya&match=exact",
    "filters in the way": "/search?q=bridge&lang=az&from=1998&to=1999",
    "filtered": "/search?q=bridge&lang=en&year=2020&op=and",
    "left out": "/search?q=bridge&from=May+2020&sort=best",
    "beyond the last": "/search?q=bridge&offset=500",
    "undated": "/search?year=undated",
    "passages": "/search?q=bridge&group=none",
    "of one document": "/search?q=bridge&doc=none-such",
    "second page": "/search?q=bridge&limit=2&offset=2",
    "all": "/search",
    "arabic": "/search?q=الجسر",
    "azerbaijani": "/search?q=körpü+çay&ui=az",
    "russian": "/search?q=мост&ui=ru",
    "turkish": "/search?q=köprü&ui=tr",
    "odd": "/search?q=%22unbalanced+C%2B%2B+%3Cscript%3E&sort=sideways&limit=many",
    "refused": "/search?q=date:yesterday",
    "browse": "/browse",
    "browse titles": "/browse?by=title&ui=az",
    "browse languages": "/browse?by=language",
    "browse sources": "/browse?by=source",
    "browse folders": "/browse?by=folder",
    "browse undated": "/browse?by=date&group=undated",
    "status": "/status",
    "help": "/help",
    "embed": "/embed",
    "missing page": "/no-such-page",
    "missing document": "/doc/no-such-document",
}
"""Name -> address."""

DOCUMENTS = ("masons", "الجسر", "ulduz", "kamança", "samovar")
"""Words of which the first hit's document is opened at its passage."""


def hit_of(client: FlaskClient, query: str) -> str:
    """Where the first hit of a query opens, without its fragment."""
    hit = client.get(f"/api/v1/search?q={query}").get_json()["hits"][0]
    return str(hit["passages"][0]["url"]).removeprefix("http://localhost").partition("#")[0]


def addresses(client: FlaskClient) -> dict[str, str]:
    """All of them: pages, documents at a match, a document's top, a passage with its neighbours."""
    opened = {f"document: {query}": hit_of(client, query) for query in DOCUMENTS}
    first = opened["document: masons"]
    document, _, anchor = first.removeprefix("/doc/").partition("?p=")
    anchor = anchor.partition("&")[0]
    return {
        **PAGES,
        **opened,
        "document: top": f"/doc/{document}",
        "document: passage lost": f"/doc/{document}?p=zzzzzzzz",
        "around": f"/search?q=masons&around={document}:{anchor}",
    }

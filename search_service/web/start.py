"""`GET /`: the archive's name, the box, what is in it, and what came last."""

from __future__ import annotations

from flask import Blueprint, render_template

from search_service.web import context
from search_service.web.asked import Asked

page = Blueprint("start", __name__)
RECENT = 6
LANGUAGES_SHOWN = 8
"""The commonest; one that is left out of a list of few would be missed."""


@page.get("/")
def start() -> str:
    """The page with nothing but the box."""
    catalogue = context.opened().catalogue()
    return render_template(
        "start.html",
        asked=Asked(),
        catalogue=catalogue,
        recent=catalogue.recent(RECENT),
        site_data=_schema_org(),
        languages=[
            code for code, _ in catalogue.languages.most_common(LANGUAGES_SHOWN) if code != "und"
        ],
    )


def _schema_org() -> dict[str, object]:
    settings, links = context.settings(), context.public_links()
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": settings.archive_name,
        "url": links.start(),
        **({"description": settings.archive_description} if settings.archive_description else {}),
        **({"image": links.at("/logo")} if settings.archive_logo else {}),
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{links.base}/search?q={{search_term_string}}",
            "query-input": "required name=search_term_string",
        },
    }

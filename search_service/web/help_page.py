"""`GET /help`: what a query may say, by examples that can be followed."""

from __future__ import annotations

from flask import Blueprint, render_template

page = Blueprint("help_page", __name__)


@page.get("/help")
def help_page() -> str:
    """The query language, the shortcuts and the other ways in."""
    return render_template("help.html")

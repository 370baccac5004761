"""The language of the interface: which, its words, and its dates, numbers and names.

Catalogues are `translations/<code>/LC_MESSAGES/messages.po`, read by Babel when the service
starts: there is nothing to compile. docs/adding-a-language.md tells how to add one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, request

from search_service import languages
from search_service.errors import UnknownName
from search_service.model import PublicationDate
from search_service.settings import Settings

_FORMS = {"en": "en_GB"}
"""Where dates and numbers are in another locale's form: 8 Nov 2022 is read alike everywhere."""
TRANSLATIONS = Path(__file__).parent / "translations"
INTERFACES = {"en": "English", "az": "Azərbaycanca", "tr": "Türkçe", "ru": "Русский"}
"""Code -> its own name; English is what the templates are written in."""


@cache
def catalogue(code: str) -> NullTranslations:
    """The words of an interface language. Raises `UnknownName`."""
    if code not in INTERFACES:
        raise UnknownName("interface language", code, INTERFACES)
    path = TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"
    if code == "en" and not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        messages = read_po(source, locale=code, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


def current() -> str:
    """The interface language of this request; whoever asks gives an answer that varies by it."""
    g.by_language = True
    return str(g.get("interface", "en"))


def locale() -> str:
    """The locale by which dates and numbers are written."""
    return _FORMS.get(current(), current())


def chosen() -> str:
    """The one that the URL asks for, or nothing."""
    wanted = request.args.get("ui", "")
    return wanted if wanted in INTERFACES else ""


def choose(settings: Settings) -> str:
    """By the URL, else the owner's setting, else the browser; English when all fails."""
    accepted = [tag for tag, _ in request.accept_languages]
    return (
        chosen()
        or settings.ui_language
        or negotiate_locale([tag.replace("-", "_") for tag in accepted], list(INTERFACES))
        or "en"
    )


def gettext(message: str, **values: Any) -> str:
    """A message in the language of this request."""
    text = catalogue(current()).ugettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, count: int, **values: Any) -> str:
    """A message that counts, in the plural form that the language has for the number."""
    text = catalogue(current()).ungettext(one, many, count)
    return text % {"count": number(count), **values}


def number(value: float) -> str:
    """A number with the language's own separators."""
    return _number(value, locale())


@lru_cache(maxsize=4096)
def _number(value: float, form: str) -> str:
    return format_decimal(value, locale=form)


def day(written: PublicationDate | None, *, long: bool = False) -> str:
    """A date in the language's form, no more precise than it is; `undated` where there is none."""
    return _day(written, locale(), long=long) if written else gettext("undated")


@lru_cache(maxsize=4096)
def _day(written: PublicationDate, form: str, *, long: bool) -> str:
    moment = written.moment
    if moment is not None and long:
        zone = moment.strftime(" %z")[:4] + ":" + moment.strftime("%z")[3:] if moment.tzinfo else ""
        text = format_datetime(moment, "d MMMM y, HH:mm", tzinfo=moment.tzinfo, locale=form)
        return text + (f" (UTC{zone.strip()})" if zone else "")
    match len(written.text[:10].split("-")):
        case 1:
            return written.text
        case 2:
            return format_skeleton("yMMMM", written.first_day, locale=form)
        case _:
            return format_date(written.first_day, "long" if long else "medium", locale=form)


def unbroken(text: str) -> str:
    """A date that no line ends within: its day stays with its month and its year."""
    date, comma, time = text.partition(", ")
    return date.replace(" ", "\u00a0") + comma + time


def today() -> str:
    """This day in the language's form, by the clock that citations go by: UTC."""
    return format_date(datetime.now(UTC).date(), "long", locale=locale())


def language_name(code: str) -> str:
    """A language's name in the language of the interface, as it begins a line."""
    name = language_word(code)
    return name[:1].upper() + name[1:] if name != code else code


def language_word(code: str) -> str:
    """A language's name within a sentence: `English`, but `английский`."""
    if code == languages.UNDETERMINED:
        name = gettext("Other or unknown")
        return name[:1].lower() + name[1:]
    return _known_locale(current()).languages.get(code) or code


def direction(code: str) -> str:
    """`rtl` or `ltr`, of a text's language."""
    return _known_locale(code).text_direction


@cache
def _known_locale(code: str) -> Locale:
    """A locale by its language; English, from left to right, for one that Babel does not know."""
    try:
        return Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def install(app: Flask, settings: Settings) -> None:
    """Choose the language of each request and give templates its words."""

    @app.before_request
    def _choose() -> None:
        g.interface = choose(settings)
        wanted = request.args.get("ui", "").strip()
        if wanted and wanted not in INTERFACES:
            raise UnknownName("interface language", wanted, INTERFACES, "ui")

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda message: catalogue(current()).ugettext(message),
        lambda one, many, count: catalogue(current()).ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.filters.update(day=day, number=number, language_name=language_name)
    app.jinja_env.filters["language_word"] = language_word
    app.jinja_env.filters["direction"] = direction

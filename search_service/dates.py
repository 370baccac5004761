"""Dates as people and machines write them, in ISO 8601 and never more precise than written.

Own code, because the general parsers guess: they complete a day without a year with this year's,
read 03/04/2020 one way or the other, and read `UTC+04:00` backwards, as POSIX does. Here a date
that can be read in two ways is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from functools import cache

from search_service.model import PublicationDate

# The twelve months in the forms that stand beside a day or a year, abbreviations last. Months of
# several languages that are spelt alike (`mart` in Azerbaijani and Turkish) mean the same month.
# Abbreviations that are words (Italian `set`, Portuguese `out`) are left out. They are written here
# because Babel's stand-alone names depend on which locale was loaded first.
_MONTHS: dict[str, str] = {
    "en": "january february march april may june july august september october november december"
    " jan feb mar apr - jun jul aug sep oct nov dec - - - - - - - - sept - - -",
    "az": "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr"
    " yan fev mar apr - iyn iyl avq sen okt noy dek",
    "az-Cyrl": "јанвар феврал март апрел мај ијун ијул август сентјабр октјабр нојабр декабр",
    "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık"
    " oca şub - nis - haz tem ağu eyl eki kas ara",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
    " январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"
    " янв фев мар апр - июн июл авг сен окт ноя дек"
    " - февр - - - - - - сент - нояб -",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
    " січень лютий березень квітень травень червень липень серпень вересень жовтень листопад"
    " грудень",
    "de": "januar februar märz april mai juni juli august september oktober november dezember"
    " jän - - - - - - - - - - dez",
    "de-AT": "jänner feber - - - - - - - - - -",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    " janv févr - avr - - juil - - - - déc - fevrier - - - - - aout - - - decembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre ene - - abr - - - - setiembre - - -",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
    " dicembre - - - - - giu lug - - ott - -",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
    " dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december"
    " - - mrt - - - - - - - - -",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października"
    " listopada grudnia"
    " styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad"
    " grudzień",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie"
    " decembrie",
    "el": "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου"
    " οκτωβρίου νοεμβρίου δεκεμβρίου"
    " ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος"
    " οκτώβριος νοέμβριος δεκέμβριος"
    # Capitals are written without accents.
    " ιανουαριου φεβρουαριου μαρτιου απριλιου μαιου ιουνιου ιουλιου αυγουστου σεπτεμβριου"
    " οκτωβριου νοεμβριου δεκεμβριου"
    " ιανουαριος φεβρουαριος μαρτιος απριλιος μαιος ιουνιος ιουλιος αυγουστος σεπτεμβριος"
    " οκτωβριος νοεμβριος δεκεμβριος",
    "ka": "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი"
    " ნოემბერი დეკემბერი"
    " იანვარს თებერვალს მარტს აპრილს მაისს ივნისს ივლისს აგვისტოს სექტემბერს ოქტომბერს"
    " ნოემბერს დეკემბერს",
    "hy": "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի"
    " նոյեմբերի դեկտեմբերի"
    " հունվար փետրվար մարտ ապրիլ մայիս հունիս հուլիս օգոստոս սեպտեմբեր հոկտեմբեր նոյեմբեր"
    " դեկտեմբեր",
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "uz": "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr",
    "uz-Cyrl": "январ феврал март апрел май июн июл август сентябр октябр ноябр декабр",
    "tk": "ýanwar fewral mart aprel maý iýun iýul awgust sentýabr oktýabr noýabr dekabr",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"
    " - - - ابريل - يونيه يوليه اغسطس - اكتوبر - -"
    " كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني"
    " كانون_الأول",
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر"
    " ژانویهٔ فوریهٔ - - مهٔ - ژوئیهٔ - - - - -",
    "he": "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר"
    " - - מרס - - - - - - - - -"
    " בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
}


def _month_numbers() -> dict[str, int]:
    numbers: dict[str, int] = {}
    for names in _MONTHS.values():
        for place, name in enumerate(names.split()):
            if name != "-":
                numbers[_plain(name.replace("_", " "))] = place % 12 + 1
    return numbers


def _plain(name: str) -> str:
    """Lower case with one kind of i: KASIM, İyul and IYUL are months however they are cased."""
    return name.lower().replace("ı", "i").replace("i\u0307", "i")


_MONTH_NUMBERS = _month_numbers()


def _alternatives(names: Iterable[str]) -> str:
    """A pattern of words, by their first letters: so most places in a text are passed at once."""
    rests: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        rests.setdefault(name[0], []).append(name[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())


_WORD = _alternatives(_MONTH_NUMBERS)
_MONTH = rf"(?P<month>{_WORD})\.?"
_YEAR = r"(?P<year>1[0-9]{3}|2[01][0-9]{2})"
# 8, 08, 8th, 8. (German, Turkish), 8-е, 1er, 8-nji (Turkmen)
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|-?[ея]|-?nj[iy])?\.?"
# What may follow a year as part of the date: 2020-ci il, 2020-cü ildə, 2020 года, 2020 г., 2020'de
_YEAR_TAIL = (
    r"(?:\s*[-–]?\s*c[iıuü]\s+il\w*|\s*[-–]?\s*ҹ[иыуү]\s+ил\w*|\s*год[ауе]?\b|\s*г\.|\s*р\.|\s*року\b"
    r"|['’][a-zçğıöşü]{1,4}\b|\s+yıl[ıi]\w*|\s*-?\s*yil\w*|\s+жыл\w*|-?nj[iy]\s+ýyl\w*"
    r"|\s*թ\.|\s*թվական\w*|\s+წ(?:ელი|ელს|ლის|\.)|\s+r\.|\s+roku\b)?"
)
# What stands between a year and a day or month after it: 2020-ci il 8 noyabr, 2020 წლის 8 ნოემბერი
_YEAR_HEAD = (
    r"(?:\s*[-–]?\s*c[iıuü]\s+il(?:in|də)?|\s*[-–]?\s*ҹ[иыуү]\s+ил(?:ин|дә)?|\s*-?\s*yil(?:ning)?"
    r"|\s+жыл(?:ғы|дың)?|-?nj[iy]\s+ýyl(?:yň|da)?|\s*թ\.|\s*թվականի|\s+წლის|,)"
)
# noyabrın 8-də, noýabrynyň 8-i, нојабрын 8-дә
_OF_MONTH = r"(?:[ıiuü]n|y(?:nyň|ň)|[ыиуү]н|нің|ның)?"
_AT_DAY = r"(?:-?(?:[dn]?[əaiıuü]n?|[дн]?[әаиыуү]н?|ні|нда|нде))?"
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_TIME = (
    r"(?:(?:\s*,?\s*(?:at|saat|в|um|à|[–—|-])\s+|\s*,\s*|\s+|T)"
    r"(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*\(?\s*(?P<zone>Z\b|(?:UTC|GMT)(?:\s*[+−-]\s*[0-9]{1,2}(?::?[0-9]{2})?)?"
    r"|[+−-][0-9]{2}:?[0-9]{2})\s*\)?)?)?"
)
_BEFORE = r"(?<![\w.,/:-])(?<![0-9]–)"
_AFTER = r"(?![\w/]|[-.:][0-9])"


def _pattern(body: str, time: bool = True) -> str:
    return _BEFORE + body + (_TIME if time else "") + _AFTER


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first asked for: all of them take as long as reading a hundred files."""
    return re.compile(pattern, re.IGNORECASE)


# In the order of how much they say; of matches at the same place the first wins.
_PATTERNS = (
    _pattern(rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})"),
    _pattern(rf"{_YEAR}/(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}})"),
    _pattern(rf"{_YEAR}\.(?P<month>[0-9]{{2}})\.(?P<day>[0-9]{{2}})"),
    _pattern(
        rf"{_YEAR}\s?[年년]\s?(?P<month>[0-9]{{1,2}})\s?[月월]\s?(?P<day>[0-9]{{1,2}})\s?[日일]"
    ),
    _pattern(rf"(?P<day>[0-9]{{1,2}})\.(?P<month>[0-9]{{1,2}})\.{_YEAR}{_YEAR_TAIL}"),
    _pattern(rf"(?P<either>[0-9]{{1,2}})(?P<mark>[/-])(?P<other>[0-9]{{1,2}})(?P=mark){_YEAR}"),
    _pattern(
        rf"{_DAY}(?:\s+of|\s+de)?[\s-]\s*{_MONTH}(?:\s+de|\s+del)?[\s,-]\s*{_YEAR}{_YEAR_TAIL}"
    ),
    _pattern(rf"{_MONTH}\s+{_DAY}(?:\s*,\s*|\s+){_YEAR}"),
    # 8.XI.2020: in capitals, so that v. and x. are no months
    _pattern(
        r"(?P<day>[0-9]{1,2})(?P<mark>\.\s?|[/-])"
        rf"(?-i:(?P<month>{'|'.join(_ROMAN).upper()}))(?P=mark){_YEAR}{_YEAR_TAIL}"
    ),
    # 2020-ci il 8 noyabr; 2020-ci il noyabrın 8-də
    _pattern(rf"{_YEAR}{_YEAR_HEAD}\s+(?:{_DAY}[\s-]\s*{_MONTH})(?:[ıiuüyы]n?|d[aə])?(?![a-zа-я])"),
    _pattern(rf"{_YEAR}{_YEAR_HEAD}\s+{_MONTH}{_OF_MONTH}\s+{_DAY}{_AT_DAY}"),
    # No day before it: 31 February 2020 is no February, 7–8 May 2020 no eighth of May.
    _pattern(
        rf"(?<![0-9][\s.])(?<![0-9]\w\w\s){_MONTH}(?:\s+of|\s+de)?[\s,]\s*{_YEAR}{_YEAR_TAIL}",
        time=False,
    ),
    _pattern(rf"{_YEAR}-(?P<month>0[1-9]|1[0-2])(?!-)", time=False),
)


def find_date(text: str) -> PublicationDate | None:
    """The first date written in a short text, or None.

    "8 November 2022 10:23 (UTC+04:00)" is 2022-11-08T10:23+04:00. A day without a year, a bare
    year and 03/04/2020 (March or April?) are none.
    """
    found = find_date_span(text)
    return found[0] if found else None


def find_date_span(text: str) -> tuple[PublicationDate, int, int] | None:
    """Like `find_date`, with the start and end of what was read, in code points of the text."""
    if not re.search(_YEAR, text):  # Every pattern has one.
        return None
    best: tuple[int, int, PublicationDate, int] | None = None
    for rank, pattern in enumerate(_PATTERNS):
        for match in _compiled(pattern).finditer(text):
            if best and (match.start(), rank) >= best[:2]:
                break
            if (read := _read(match)) is not None:
                best = (match.start(), rank, read, match.end())
                break
    return _with_time_before(text, best[2], best[0], best[3]) if best else None


_TIME_BEFORE = re.compile(
    r"(?<![\w:.])\[?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})\]?\s*[,|/–-]?\s*$"
)


def _with_time_before(
    text: str, date: PublicationDate, start: int, end: int
) -> tuple[PublicationDate, int, int]:
    """Adds the time of "10:23, 08.11.2020"; a date that has one already, or no day, stays."""
    match = _TIME_BEFORE.search(text, max(0, start - 12), start)
    if match and len(date.text) == len("2020-11-08") and (time := _time(match.groupdict())):
        return PublicationDate(date.text + time), match.start(), end
    return date, start, end


def parse_date(value: object) -> PublicationDate | None:
    """A value whose whole meaning is a date: of front matter, an HTML meta element, a property.

    Beside what `find_date` reads it may be a `date`, a `datetime`, a bare year, RFC 5322's form
    ("Sun, 08 Nov 2020 10:23:00 +0400") or PDF's ("D:20201108102300+04'00'"). None if it is none.
    """
    if isinstance(value, datetime):
        return PublicationDate(value.isoformat(timespec="minutes"))
    if isinstance(value, date):
        return PublicationDate(value.isoformat())
    text = str(value).strip()
    if re.fullmatch(r"1[0-9]{3}|2[01][0-9]{2}", text):
        return PublicationDate(text)
    if match := _COMPACT.fullmatch(text):
        return _read(match)
    if re.match(r"(?:[A-Za-z]{3},\s*)?\d{1,2} [A-Za-z]{3} \d{4} \d", text):
        return _rfc5322(text) or find_date(text)
    return find_date(text)


# PDF's D:YYYYMMDDHHmmSSOHH'mm' and ISO's basic format 20201108 or 20201108T102300Z.
_COMPACT = re.compile(
    r"(?:D:)?(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:T?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})?)?"
    r"(?P<zone>Z(?:00'?00'?)?|[+-][0-9]{2}[:']?(?:[0-9]{2})?'?)?"
)


def _rfc5322(text: str) -> PublicationDate | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # "-0000" says that the zone is not known: then none is claimed.
    return PublicationDate(moment.isoformat(timespec="minutes"))


def _read(match: re.Match[str]) -> PublicationDate | None:
    """The date of a match, or None where the calendar has none such or it can be read two ways."""
    parts = match.groupdict()
    year = int(parts["year"])
    if "either" in parts:
        day, month = int(parts["either"]), int(parts["other"])
        if day <= 12 and month <= 12 and day != month:
            return None
        if month > 12:
            day, month = month, day
    else:
        name = parts["month"]
        month = int(name) if name.isdecimal() else _month(name)
        day = int(parts["day"]) if parts.get("day") else 0
    try:
        whole = date(year, month, day or 1).isoformat()
    except ValueError:
        return None
    return PublicationDate(whole + _time(parts) if day else whole[:7])


def _month(name: str) -> int:
    plain = _plain(name)
    return _MONTH_NUMBERS.get(plain) or _ROMAN.index(plain) + 1


def _time(parts: dict[str, str | None]) -> str:
    """`T10:23+04:00`, or nothing where no time was written or it is none of the clock's."""
    if not parts.get("hour"):
        return ""
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 23 or minute > 59:
        return ""
    return f"T{hour:02}:{minute:02}{_zone(parts.get('zone'))}"


def _zone(zone: str | None) -> str:
    """`+04:00` for `UTC+4`, `(UTC+04:00)`, `+0400` and `+04'00'`: east is plus, always."""
    if not zone:
        return ""
    match = re.search(r"([+−-])\s*([0-9]{1,2})[:']?([0-9]{2})?", zone)
    if not match:
        return "+00:00"
    sign, hours, minutes = "+" if match[1] == "+" else "-", int(match[2]), int(match[3] or 0)
    if hours > 14 or minutes > 59:
        return ""
    return f"{sign}{hours:02}:{minutes:02}" if hours or minutes else "+00:00"

"""Rules of accessibility on every page and state, and contrast computed in both themes."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser

from search_service.web.static import STATIC

STATES = {
    "start": "/",
    "results": "/search?q=bridge",
    "several words": "/search?q=old+bridge+saffron",
    "filtered": "/search?q=bridge&lang=en&source=Slow+Travel&op=and",
    "around": "/search?q=masons&around=",
    "nothing": "/search?q=zeppelin+qwrtz",
    "arabic": "/search?q=الشاي",
    "russian": "/search?q=мост&ui=ru",
    "browse": "/browse",
    "titles": "/browse?by=title&ui=az",
    "status": "/status",
    "help": "/help",
    "embed": "/embed",
    "error": "/no-such-page",
}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "light"), (1440, "dark")])
def test_no_rule_is_broken(chromium: Browser, address: str, width: int, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
    )
    page = context.new_page()
    broken: list[str] = []

    def check(name: str) -> None:
        for each in Axe().run(page, options=RULES).response["violations"]:
            targets = [str(node["target"]) for node in each["nodes"][:3]]
            broken.append(f"{name}: {each['id']}: {targets} {each['nodes'][0]['failureSummary']}")

    for name, path in STATES.items():
        page.goto(address + path)
        if width == 360:
            for summary in page.locator("summary:visible").all():
                summary.click()
        check(name)
    for query in ("masons", "qapı", "الشاي"):
        page.goto(f"{address}/search?q={query}")
        page.locator(".hit .open").first.click()
        page.wait_for_url("**/doc/**")
        page.locator(".keep summary").first.click()
        check(f"document: {query}")
    page.goto(address)
    page.locator("#q").press_sequentially("kama", delay=30)
    page.get_by_role("option").first.wait_for()
    check("completion")
    page.goto(f"{address}/help")
    page.keyboard.press("?")
    check("keys")
    context.close()
    assert broken == []


def _themes() -> dict[str, dict[str, str]]:
    css = (STATIC / "style.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(?:[^}]*?)(--paper.*?)\}", css, re.DOTALL)[:2]
    colours = [dict(re.findall(r"--([\w-]+): (#\w{6});", theme)) for theme in (light, dark)]
    return {"light": colours[0], "dark": colours[0] | colours[1]}


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_rightly() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_in_both_themes(theme: str) -> None:
    colours = _themes()[theme]
    for text, ground in product(("ink", "quiet", "link"), ("paper", "tint")):
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["on-mark"], colours["mark"]) >= 4.5
    # What is no text but has a meaning: lines below words and fields, bars, the focus.
    for shape in ("inferred", "quiet", "link"):
        assert contrast(colours[shape], colours["paper"]) >= 3


def test_every_colour_is_a_token() -> None:
    css = Path(STATIC / "style.css").read_text(encoding="utf-8")
    body = re.sub(r":root \{.*?\n\}", "", css, flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", body)) <= {
        "#000"
    }  # black ink on paper, when printed

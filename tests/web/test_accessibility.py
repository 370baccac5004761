"""Rules of accessibility on every page and state, and contrast computed in both themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from search_service.web.static import assets
from tests.web.states import addresses

RULES: dict[str, object] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
CONTRAST: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
SHARES = 8
"""The states are parted, so that a laden machine does not take a share for hanging."""
ON_A_PHONE = (
    "start",
    "results",
    "filtered",
    "nothing",
    "arabic",
    "around",
    "browse titles",
    "document: masons",
    "document: الجسر",
    "status",
    "help",
    "embed",
)
"""Those that are set otherwise on a narrow screen; they have every colour there is."""


@pytest.fixture(params=[360, 1440], ids=["phone", "wide"])
def width(request: pytest.FixtureRequest) -> int:
    """The width of a screen."""
    return int(request.param)


@pytest.fixture
def screen(chromium: Browser, width: int) -> Iterator[Page]:
    """A page on a screen of that width, light."""
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        locale="en-GB",
        reduced_motion="reduce",  # A colour that is on its way to another has no contrast.
    )
    yield context.new_page()
    context.close()


def _broken(page: Page, name: str, rules: dict[str, object] = RULES) -> list[str]:
    found = []
    for each in Axe().run(page, options=rules).response["violations"]:
        targets = [str(node["target"]) for node in each["nodes"][:3]]
        found.append(f"{name}: {each['id']}: {targets} {each['nodes'][0]['failureSummary']}")
    return found


@pytest.mark.parametrize("share", range(SHARES))
def test_no_rule_is_broken(
    screen: Page, client: FlaskClient, address: str, width: int, share: int
) -> None:
    states = addresses(client)
    assert set(ON_A_PHONE) <= set(states)
    names = list(states) if width > 360 else list(ON_A_PHONE)
    broken: list[str] = []
    for name in names[share::SHARES]:
        screen.emulate_media(color_scheme="light")
        screen.goto(address + states[name])
        # What is folded away is looked at too.
        screen.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        broken += _broken(screen, name)
        if width == 360:
            screen.emulate_media(color_scheme="dark")
            broken += _broken(screen, f"{name}, dark", CONTRAST)
    assert broken == []


def test_no_rule_is_broken_by_what_the_script_shows(screen: Page, address: str) -> None:
    screen.goto(address)
    screen.locator("#q").press_sequentially("kama", delay=30)
    screen.get_by_role("option").first.wait_for()
    broken = _broken(screen, "completion")
    screen.goto(f"{address}/help")
    screen.keyboard.press("?")
    broken += _broken(screen, "keys")
    assert broken == []


def _themes() -> dict[str, dict[str, str]]:
    css = assets()["style.css"].content.decode()
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
    css = assets()["style.css"].content.decode()
    body = re.sub(r":root \{.*?\n\}", "", css, flags=re.DOTALL)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", body)) <= {
        "#000"
    }  # black ink on paper, when printed

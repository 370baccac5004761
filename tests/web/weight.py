"""What pages weigh and how they arrive, from the browser: `make weight` prints it.

The budget test measures with the same functions.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from playwright.sync_api import Browser, Request, sync_playwright

from tests.web.chromium import ARGUMENTS, executable
from tests.web.screenshots import served

PAGES = {
    "start": "/",
    "results": "/search?q=bridge",
    "results in Azerbaijani": "/search?q=körpü+çay&ui=az",
    "results in Russian": "/search?q=мост&ui=ru",
    "nothing found": "/search?q=zeppelin+qwrtz",
    "document at a passage": "/search?q=masons",
    "browse": "/browse",
    "status": "/status",
    "help": "/help",
}
WIDTHS = (360, 1440)
OPENED = "document at a passage"
"""The page that is reached by following the first hit of its address."""
FIRST = 14_000
"""Bytes of the first page of results and its style sheet, compressed and with their headers: what
a connection sends at once."""
WHOLE = 60_000
"""Bytes of everything that a page loads, the font included."""
SCRIPT = 15_000
"""Bytes of the script as it is written."""
_SHIFT = """addEventListener('DOMContentLoaded', () => {
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
  }).observe({type: 'layout-shift', buffered: true});
});"""


@dataclass
class Arrival:
    """How a page arrived, with nothing in the browser's cache."""

    sizes: dict[str, int] = field(default_factory=dict)
    """Kind of resource -> bytes sent, headers included."""
    shift: float = 0.0
    """Cumulative layout shift."""
    paint: float = 0.0
    """Milliseconds to the first contentful paint."""

    @property
    def whole(self) -> int:
        """Bytes of all of it."""
        return sum(self.sizes.values())

    @property
    def first(self) -> int:
        """Bytes of the page itself and of its style sheet."""
        return self.sizes.get("document", 0) + self.sizes.get("stylesheet", 0)


def arrive(browser: Browser, url: str, width: int) -> Arrival:
    """Open a page in a fresh context and see how it arrives."""
    context = browser.new_context(locale="en-GB", viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(_SHIFT)
    arrival = Arrival()
    page.on("requestfinished", partial(_note, arrival))
    page.goto(url, wait_until="networkidle")
    arrival.shift = page.evaluate("window.shift")
    # A laden machine may tell of the paint after the network has gone quiet.
    painted = "performance.getEntriesByName('first-contentful-paint').length"
    page.wait_for_function(painted)
    arrival.paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    context.close()
    return arrival


def address_of(browser: Browser, base: str, name: str) -> str:
    """Where a page of `PAGES` is."""
    if name != OPENED:
        return base + PAGES[name]
    context = browser.new_context()
    page = context.new_page()
    page.goto(base + PAGES[name])
    link = page.locator(".hit .open").first.get_attribute("href")
    context.close()
    return f"{base}{link}"


def _note(arrival: Arrival, request: Request) -> None:
    sent = request.sizes()
    size = sent["responseBodySize"] + sent["responseHeadersSize"]
    kind = request.resource_type
    arrival.sizes[kind] = arrival.sizes.get(kind, 0) + size


def main(times: int = 5) -> int:
    """Print a table: bytes by kind, layout shift, and the paint's median and range."""
    path = executable()
    if path is None:
        print("There is no Chromium here: install the Debian package chromium.", file=sys.stderr)
        return 1
    print(f"{'page':<24}{'wide':>5}{'html':>7}{'css':>7}{'js':>6}{'font':>7}{'all':>7}", end="")
    print(f"{'shift':>7}  first paint, ms: median (range) of {times}")
    with served() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name in PAGES:
            url = address_of(browser, base, name)
            for width in WIDTHS:
                arrivals = [arrive(browser, url, width) for _ in range(times)]
                paints = sorted(each.paint for each in arrivals)
                one = arrivals[0]
                sizes = [one.sizes.get(k, 0) for k in ("document", "stylesheet", "script", "font")]
                print(
                    f"{name:<24}{width:>5}{sizes[0]:>7}{sizes[1]:>7}{sizes[2]:>6}{sizes[3]:>7}"
                    f"{one.whole:>7}{max(each.shift for each in arrivals):>7g}  "
                    f"{median(paints):.0f} ({paints[0]:.0f}–{paints[-1]:.0f})"
                )
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

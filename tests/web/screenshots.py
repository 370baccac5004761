"""Pictures of every page and state, at three widths, light and dark: `make screenshots`.

They are for looking at, one by one; nothing compares them.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from search_service.indexer.running import run
from search_service.ledger import derive
from search_service.passages.anchors import name
from search_service.settings import Settings
from search_service.web import create_app
from tests.web.chromium import ARGUMENTS, executable

SIZES = {360: 740, 768: 1024, 1440: 900}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
ONCE = (1440, "light")
CORPUS = Path(__file__).parent / "corpus"


FERRY = """# The ferry

The ferry leaves when the captain has finished his tea. Nobody minds, because the tea is good and
the captain pours it for everybody who has come early enough to wait.

## The crossing

{0} Those who sit on the left see the lighthouse, those who sit on the right see the salt pans, and
at the landing both groups tell each other what they have missed.
"""
BEFORE = "The crossing takes an hour in the morning."
AFTER = "Since the new engine the crossing takes forty minutes."
CHANGED = f"/doc/{derive('travel/ferry.md', '')}?p={name(BEFORE)}"
"""A link to a passage that has another wording now."""
GONE = f"/doc/{derive('travel/barge.md', '')}"
"""A link to a document that is in the folder no more."""


@dataclass(frozen=True)
class Shot:
    """A page or state: its address, and what is done there first."""

    path: str
    follow: str = ""
    """What is clicked."""
    typed: str = ""
    whole: bool = False
    """All of the page, not only what is on the screen."""
    pressed: str = ""
    """A key."""
    media: Literal["screen", "print"] = "screen"
    forced: bool = False
    """With the colours that the reader's system forces on every page."""

    @property
    def once(self) -> bool:
        """Of interest at one width and in one theme alone."""
        return self.media == "print" or self.forced


SHOTS = {
    "start": Shot("/"),
    "completion": Shot("/", typed="kama"),
    "results": Shot("/search?q=old+bridge"),
    "results-whole": Shot("/search?q=old+bridge+saffron", whole=True),
    "one-hit": Shot("/search?q=masons"),
    "nothing": Shot("/search?q=zeppelin+qwrtz"),
    "filtered": Shot("/search?q=bridge&lang=en&source=Slow+Travel&op=and"),
    "filter-in-the-way": Shot("/search?q=bridge&source=Music+Letters&year=1998"),
    "around": Shot("/search?q=slate", follow=".around"),
    "many": Shot("/search?limit=4&offset=4", whole=True),
    "typing-error": Shot("/search?q=brigde"),
    "similar-only": Shot("/search?q=bridgehead"),
    "passages": Shot("/search?q=kamança&group=none"),
    "long-title": Shot("/search?q=mulberry"),
    "mixed-languages": Shot("/search?q=kamança"),
    "arabic": Shot("/search?q=القهوة"),
    "azerbaijani": Shot("/search?q=körpü+çay&ui=az"),
    "russian": Shot("/search?q=мост&ui=ru"),
    "turkish": Shot("/search?q=köprü&ui=tr"),
    "document-top": Shot("/browse?by=source&group=Music+Letters", follow=".list a"),
    "document-match": Shot("/search?q=silence+hurry", follow=".hit .open"),
    "document-arabic": Shot("/search?q=الهيل", follow=".hit .open"),
    "document-arabic-whole": Shot("/search?q=فنجان", follow=".hit h2 a", whole=True),
    "document-verse": Shot("/search?q=ulduz", follow=".hit .open"),
    "browse": Shot("/browse", whole=True),
    "browse-titles": Shot("/browse?by=title&ui=az"),
    "status": Shot("/status"),
    "help": Shot("/help", whole=True),
    "embed": Shot("/embed"),
    "error": Shot("/doc/never-here"),
    "passage-changed": Shot(CHANGED),
    "document-gone": Shot(GONE),
    "keys": Shot("/search?q=bridge", pressed="?"),
    "printed-results": Shot("/search?q=old+bridge", media="print", whole=True),
    "printed-document": Shot("/search?q=masons", follow=".hit .open", media="print", whole=True),
    "forced-results": Shot("/search?q=körpü+kamança", forced=True),
    "forced-document": Shot("/search?q=körpü", follow=".hit .open", forced=True),
}


class Silent(WSGIRequestHandler):
    """Serves without a word."""

    def log(self, *_: object, **__: object) -> None:
        """Nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The samples of the tests, indexed and served."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            corpus=Path(folder, "corpus"),
            index=Path(folder, "index"),
            archive_name="The Reading Room",
            archive_description="Music, journeys and kitchens, in six languages.",
            archive_rights="Texts free to use",
            originals=True,
            query_seconds=20.0,
        )
        # A copy: the indexer keeps its ledger with the corpus.
        copied = settings.corpus
        for source in CORPUS.rglob("*"):
            if source.is_file():
                target = copied / source.relative_to(CORPUS)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
        ferry, barge = copied / "travel" / "ferry.md", copied / "travel" / "barge.md"
        ferry.write_text(FERRY.format(BEFORE), encoding="utf-8")
        barge.write_text("# The barge\n\nIt carried stones until the bridge was built.\n")
        run(settings)
        ferry.write_text(FERRY.format(AFTER), encoding="utf-8")
        barge.unlink()
        run(settings)
        server = make_server(
            "127.0.0.1", 0, create_app(settings), threaded=True, request_handler=Silent
        )
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def take(page: Page, address: str, shot: Shot, scheme: Scheme, path: Path) -> None:
    """One picture."""
    page.emulate_media(
        media="screen",
        forced_colors="active" if shot.forced else "none",
        color_scheme=scheme,
    )
    page.goto(address + shot.path, wait_until="networkidle")
    if shot.typed:
        page.locator("#q").press_sequentially(shot.typed, delay=20)
        page.get_by_role("option").first.wait_for()
    if shot.follow:
        page.locator(shot.follow).first.click()
        page.wait_for_load_state("networkidle")
    if shot.pressed:
        page.keyboard.press(shot.pressed)
    page.emulate_media(media=shot.media)
    if shot.whole:
        page.evaluate("scrollTo(0, 0)")  # or the bar that stays would lie across the text
    page.screenshot(path=path, full_page=shot.whole)


def take_all(browser: Browser, address: str, folder: Path, names: list[str]) -> None:
    """All pictures, or those whose names are given."""
    for scheme in SCHEMES:
        for width, height in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale="en-GB",
                has_touch=width < 768,
            )
            page = context.new_page()
            page.goto(address, wait_until="networkidle")  # so that the typeface is there
            for state, shot in SHOTS.items():
                if (names and state not in names) or (shot.once and (width, scheme) != ONCE):
                    continue
                take(page, address, shot, scheme, folder / f"{state}-{width}-{scheme}.png")
            context.close()


def main(names: list[str]) -> int:
    """Take the pictures into `screenshots/`."""
    path = executable()
    if path is None:
        print("There is no Chromium here: install the Debian package chromium.", file=sys.stderr)
        return 1
    folder = Path("screenshots")
    folder.mkdir(exist_ok=True)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        take_all(browser, address, folder, names)
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures are in {folder}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

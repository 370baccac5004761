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

from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from search_service.indexer.running import run
from search_service.settings import Settings
from search_service.web import create_app
from tests.web.chromium import ARGUMENTS, executable

SIZES = {360: 740, 768: 1024, 1440: 900}
CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Shot:
    """A page or state: its address, and what is done there first."""

    path: str
    follow: str = ""
    """What is clicked."""
    typed: str = ""
    whole: bool = False
    """All of the page, not only what is on the screen."""


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
    "long-title": Shot("/search?q=mulberry"),
    "mixed-languages": Shot("/search?q=kamança"),
    "arabic": Shot("/search?q=الشاي"),
    "azerbaijani": Shot("/search?q=körpü+çay&ui=az"),
    "russian": Shot("/search?q=мост&ui=ru"),
    "turkish": Shot("/search?q=köprü&ui=tr"),
    "document-top": Shot("/browse?by=source&group=Music+Letters", follow=".list a"),
    "document-match": Shot("/search?q=silence+hurry", follow=".hit .open"),
    "document-arabic": Shot("/search?q=الشاي", follow=".hit .open"),
    "document-verse": Shot("/search?q=ulduz", follow=".hit .open"),
    "browse": Shot("/browse", whole=True),
    "browse-titles": Shot("/browse?by=title&ui=az"),
    "status": Shot("/status"),
    "help": Shot("/help", whole=True),
    "embed": Shot("/embed"),
    "error": Shot("/doc/never-here"),
}


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
        run(settings)
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def take(page: Page, address: str, shot: Shot, path: Path) -> None:
    """One picture."""
    page.goto(address + shot.path, wait_until="networkidle")
    if shot.typed:
        page.locator("#q").press_sequentially(shot.typed, delay=20)
        page.get_by_role("option").first.wait_for()
    if shot.follow:
        page.locator(shot.follow).first.click()
        page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=shot.whole)


def take_all(browser: Browser, address: str, folder: Path, names: list[str]) -> None:
    """All pictures, or those whose names are given."""
    for scheme in ("light", "dark"):
        for width, height in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                locale="en-GB",
                has_touch=width < 768,
            )
            page = context.new_page()
            page.goto(address, wait_until="networkidle")  # so that the typeface is there
            for name, shot in SHOTS.items():
                if not names or name in names:
                    take(page, address, shot, folder / f"{name}-{width}-{scheme}.png")
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

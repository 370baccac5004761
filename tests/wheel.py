"""Build the wheel, install it alone into a new environment, and search with it there.

Run by `make wheel`. The checkout is not on the path, so what is not in the wheel is missed:
templates, style sheets, stop words, catalogues.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENT = {"SEARCH_SERVICE_QUERY_SECONDS": "60"}
"""A query that a laden machine does not get done in a second is no defect."""

TEXT = """# The tar

Xarıbülbül is sung with the tar, a lute with eleven strings and a body of mulberry wood.
"""

PAGE = """
import os
from search_service.web import create_app
from search_service.settings import load

app = create_app(load(None, corpus=os.environ["CORPUS"], index=os.environ["INDEX"]))
client = app.test_client()
page = client.get("/search?q=lute")
assert page.status_code == 200, page.status
assert "<mark>lute</mark>" in page.text, page.text
for asset in ("style.css", "page.js"):
    assert client.get(f"/static/{asset}").status_code == 200, asset
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command that must succeed, and return what it prints."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **PATIENT, "PYTHONPATH": "", **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def main() -> None:
    """Build, install, index, search, serve a page."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", work, ROOT, cwd=work)
        (wheel,) = work.glob("*.whl")
        venv.create(work / "venv")
        python = work / "venv" / "bin" / "python"
        # Most of what is installed is never imported here: that is compiled when it is.
        install = ("install", "--quiet", "--no-compile")
        pip = (sys.executable, "-m", "pip", "--python", python, *install)
        run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=work)
        run(*pip, "--no-deps", wheel, cwd=work)

        corpus, index = work / "corpus", work / "index"
        corpus.mkdir()
        (corpus / "tar.md").write_text(TEXT, encoding="utf-8")
        command = work / "venv" / "bin" / "search-service"
        run(command, "index", "--corpus", corpus, "--index", index, cwd=work)
        answer = json.loads(
            run(command, "search", "xaribulbul", "--index", index, "--json", cwd=work)
        )
        if [hit["title"] for hit in answer["hits"]] != ["The tar"]:
            raise SystemExit(f"The wheel's own search finds {answer['hits']}.")
        run(python, "-c", PAGE, cwd=work, CORPUS=str(corpus), INDEX=str(index))
    print(f"{wheel.name}: built, installed alone, indexed, searched and served.")


if __name__ == "__main__":
    main()

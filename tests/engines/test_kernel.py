"""The compiled modules refuse nonsense and never read or write outside of their arrays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from search_service.engines.whoosh.evaluation import kernel
from search_service.errors import UnknownName

ROOT = Path(__file__).parents[2]
NATIVE = {
    "kernel": ROOT / "search_service/engines/whoosh/evaluation/native/kernel",
    "planner": ROOT / "search_service/engines/whoosh/planning/native/planner",
    "building": ROOT / "search_service/engines/whoosh/writing/native/building",
    "reading": ROOT / "search_service/languages/native/reading",
    "making": ROOT / "search_service/native/making",
    "words": ROOT / "search_service/languages/native/words",
    "marking": ROOT / "search_service/highlight/native/marking",
    "near": ROOT / "search_service/passages/native/near",
}


def sanitizer() -> str | None:
    """gcc's address sanitizer, where it and that of undefined behaviour are installed."""
    if shutil.which("gcc") is None:
        return None
    found = []
    for library in ("libasan.so", "libubsan.so"):
        asked = subprocess.run(
            ["gcc", f"-print-file-name={library}"], capture_output=True, text=True, check=True
        )
        found.append(asked.stdout.strip())
    return found[0] if all(Path(each).is_file() for each in found) else None


def built(module: str, folder: Path, *options: str) -> Path:
    """A module compiled for a test."""
    found = folder / f"_{module}.so"
    paths = [str(source) for source in NATIVE[module].glob("*.c")]
    include = sysconfig.get_paths()["include"]
    usual = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-fPIC", "-shared"]
    subprocess.run(["gcc", *usual, *options, f"-I{include}", *paths, "-o", str(found)], check=True)
    return found


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
@pytest.mark.skipif(not kernel.COMPILED, reason="it stands in for the compiled kernel")
@pytest.mark.parametrize("options", [["-DRANGE=64"], ["-DRANGE=64", "-DFEW=0"]])
def test_no_range_hides_what_is_among_the_best(tmp_path: Path, options: list[str]) -> None:
    small = built("kernel", tmp_path, *options)
    run = subprocess.run(
        [sys.executable, "-m", "tests.engines.fuzz_ranges", str(small), "4", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "0 answers differ\n"), run.stderr[-4000:]


@pytest.mark.skipif(sanitizer() is None, reason="needs gcc with its sanitizers")
@pytest.mark.parametrize("module", list(NATIVE))
def test_nonsense_is_refused_under_the_sanitizers(module: str, tmp_path: Path) -> None:
    sanitizers = (
        "-fsanitize=address,undefined,float-cast-overflow",
        "-fno-sanitize-recover=undefined,float-cast-overflow",
    )
    checked = built(module, tmp_path, *sanitizers)
    environment = {
        **os.environ,
        "LD_PRELOAD": sanitizer() or "",
        # Python keeps much until it ends, and its own allocator hides what is read too far.
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONMALLOC": "malloc",
    }
    run = subprocess.run(
        [sys.executable, "-m", f"tests.engines.fuzz_{module}", str(checked), "60"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "nothing happened\n"), run.stderr[-4000:]


def test_an_unknown_kernel_names_the_choices() -> None:
    with pytest.raises(UnknownName, match="compiled, numpy"):
        kernel.open_kernel(None, "fortran")  # type: ignore[arg-type]

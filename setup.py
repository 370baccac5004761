"""The one thing pyproject.toml cannot say: the compiled modules are built where they can be."""

from pathlib import Path

from setuptools import Extension, setup

FOLDER = Path("search_service/engines/whoosh")
NATIVE = FOLDER / "native"
MODULES = {
    "_kernel": [FOLDER / "_kernel.c"],
    "_planner": [NATIVE / f"{name}.c" for name in ("planner", "keys", "plans", "lookups", "edits")],
}
HEADERS = [NATIVE / "planner.h"]

setup(
    ext_modules=[
        # optional: without a compiler the installation goes on, and NumPy does the work.
        Extension(
            f"search_service.engines.whoosh.{name}",
            [str(source) for source in sources],
            depends=[str(header) for header in HEADERS],
            # Contracted multiplications would round otherwise than NumPy does.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
        for name, sources in MODULES.items()
        if all(source.exists() for source in (*sources, *HEADERS))
    ]
)

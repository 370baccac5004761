"""The one thing pyproject.toml cannot say: the compiled modules are built where they can be."""

from pathlib import Path

from setuptools import Extension, setup

FOLDER = Path("search_service/engines/whoosh")
MODULES = ("_kernel", "_planner")

setup(
    ext_modules=[
        # optional: without a compiler the installation goes on, and NumPy does the work.
        Extension(
            f"search_service.engines.whoosh.{name}",
            [str(FOLDER / f"{name}.c")],
            # Contracted multiplications would round otherwise than NumPy does.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
        for name in MODULES
        if (FOLDER / f"{name}.c").exists()
    ]
)

"""The one thing pyproject.toml cannot say: the compiled modules are built where they can be."""

from pathlib import Path

from setuptools import Extension, setup

NATIVE = Path("search_service/engines/whoosh/native")
MODULES = ("kernel", "planner")

setup(
    ext_modules=[
        # optional: without a compiler the installation goes on, and NumPy does the work.
        Extension(
            f"search_service.engines.whoosh._{name}",
            sorted(map(str, (NATIVE / name).glob("*.c"))),
            depends=sorted(map(str, (NATIVE / name).glob("*.h"))),
            # Contracted multiplications would round otherwise than NumPy does.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
        for name in MODULES
        if (NATIVE / name).exists()
    ]
)

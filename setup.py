"""The one thing pyproject.toml cannot say: the compiled modules are built where they can be."""

from pathlib import Path

from setuptools import Extension, setup

MODULES = {
    "search_service": ("making",),
    "search_service/engines/whoosh/evaluation": ("kernel",),
    "search_service/engines/whoosh/planning": ("planner",),
    "search_service/engines/whoosh/writing": ("building",),
    "search_service/highlight": ("marking",),
    "search_service/languages": ("reading", "words"),
    "search_service/passages": ("near",),
}
"""Package -> modules of it, each of the files in `native/<name>`."""

setup(
    ext_modules=[
        # optional: without a compiler the installation goes on, and NumPy and Python do the work.
        Extension(
            f"{package.replace('/', '.')}._{name}",
            sorted(map(str, Path(package, "native", name).glob("*.c"))),
            depends=sorted(map(str, Path(package, "native", name).glob("*.h"))),
            # Contracted multiplications would round otherwise than NumPy does.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
        for package, names in MODULES.items()
        for name in names
        if Path(package, "native", name).exists()
    ]
)

"""The one thing pyproject.toml cannot say: the compiled kernel is built where it can be."""

from pathlib import Path

from setuptools import Extension, setup

KERNEL = Path("search_service/engines/whoosh/_kernel.c")

setup(
    ext_modules=[
        # optional: without a compiler the installation goes on, and NumPy does the work.
        Extension(
            "search_service.engines.whoosh._kernel",
            [str(KERNEL)],
            # Contracted multiplications would round otherwise than NumPy does.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
    ]
    if KERNEL.exists()
    else []
)

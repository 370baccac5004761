"""Three distributions install a package named `whoosh`; this engine is written for one of them."""

from __future__ import annotations

import whoosh

NUMBERS = (3, 54, 0)
VERSION = ".".join(map(str, NUMBERS))


def check_version() -> None:
    """Raises `ImportError` when another Whoosh has taken the place of ours."""
    found = whoosh.versionstring()
    if found != VERSION:
        raise ImportError(
            f"the package 'whoosh' in {whoosh.__path__[0]} has version {found}, not {VERSION}: "
            "another distribution (whoosh, whoosh-reloaded) has overwritten whoosh3; uninstall "
            f"them all and install whoosh3=={VERSION}"
        )

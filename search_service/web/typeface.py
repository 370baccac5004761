"""Which texts our typeface can set: the others are set wholly in the system's serif.

One word with a single letter of another face looks like a fault, so a text is set in one.
"""

from __future__ import annotations

import re

# What `static/fonts` has, as in `style/ground.css`, and whatever is no letter.
_LATIN = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u0101\u0104-\u0107\u010c\u010d\u0118\u0119\u011e\u011f"
_LATIN += "\u012a\u012b\u0130\u0131\u0141-\u0144\u0153\u015a\u015b\u015e-\u0161\u016a\u016b"
_LATIN += "\u0179-\u017e\u018f\u0259\u02bc"
_CYRILLIC = "\u0401\u0404\u0406\u0407\u040e\u0410-\u044f\u0451\u0454\u0456\u0457\u045e\u0490\u0491"
_MISSING = re.compile(rf"(?![{_LATIN}{_CYRILLIC}])[^\W\d_]")
ENOUGH = 0.06
"""A name in another script does not change the face of a long text; a few per cent of it do."""


def beyond(text: object) -> bool:
    """Whether a text has too many letters that our typeface lacks."""
    shown = str(text)
    missing = len(_MISSING.findall(shown))
    return missing > ENOUGH * len(shown)

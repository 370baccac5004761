"""A pytest plugin, `-p tests.packed_default`: our codec is the one that Whoosh takes by default."""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

from typing import Any

import whoosh.codec

from search_service.engines.whoosh.codec.packedcodec import PackedCodec


def _default_codec(*args: Any, **kwargs: Any) -> PackedCodec:
    return PackedCodec(*args, **kwargs)


# Whoosh looks it up in the module at each use.
whoosh.codec.default_codec = _default_codec

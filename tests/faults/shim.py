"""Between the program and the file system: every operation that writes is counted, and may fail.

The operations are those of this process, below some folders: opening for writing, each write that
reaches the system, fsync, rename, link, mkdir, unlink, rmdir, truncate. A shim is installed in a
forked child and never removed.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

Hook = Callable[[str, str, Any], None]
"""Is told before each operation: its kind, its path, and what it takes."""


class _Hooked(io.FileIO):
    """A raw file whose writes are told."""

    told: Callable[..., Any]

    def write(self, data: Any, /) -> Any:
        chunk = bytes(data)
        write = super().write
        return self.told("write", (self.fileno(), chunk), lambda: write(chunk))

    def truncate(self, size: int | None = None, /) -> Any:
        at = self.tell() if size is None else size
        cut = super().truncate
        return self.told("ftruncate", (self.fileno(), at), lambda: cut(at))


class Shim:
    """Calls `hook` before, and `after` after, every operation below `roots`."""

    def __init__(self, roots: tuple[Path, ...], hook: Hook, after: Hook | None = None) -> None:
        self._roots = tuple(os.fspath(root) for root in roots)
        self._hook = hook
        self._after = after or (lambda _kind, _path, _detail: None)
        self._paths: dict[int, str] = {}

    def install(self) -> None:
        """Put it in place, for the rest of this process."""
        for name in ("mkdir", "unlink", "remove", "rmdir"):
            self._wrap_one(name)
        for name in ("rename", "replace", "link"):
            self._wrap_two(name)
        self._wrap_descriptor("fsync")
        self._wrap_descriptor("ftruncate")
        self._wrap_descriptor("pwrite")
        self._wrap_descriptor("write")
        self._wrap_open()

    def _concerns(self, path: str) -> bool:
        return any(path.startswith(root) for root in self._roots)

    def _told(self, kind: str, path: str, detail: Any, call: Callable[[], Any]) -> Any:
        if not self._concerns(path):
            return call()
        self._hook(kind, path, detail)
        result = call()
        self._after(kind, path, detail)
        return result

    @staticmethod
    def _full(path: Any, dir_fd: int | None) -> str:
        name = os.fsdecode(path)
        if dir_fd is not None:
            return os.path.join(os.readlink(f"/proc/self/fd/{dir_fd}"), name)  # noqa: PTH118, PTH115
        return os.path.abspath(name)  # noqa: PTH100

    def _wrap_one(self, name: str) -> None:
        real = getattr(os, name)
        kind = {"remove": "unlink"}.get(name, name)

        def call(path: Any, *args: Any, dir_fd: int | None = None, **more: Any) -> Any:
            if dir_fd is not None:
                more["dir_fd"] = dir_fd
            full = self._full(path, dir_fd)
            return self._told(kind, full, None, lambda: real(path, *args, **more))

        setattr(os, name, call)

    def _wrap_two(self, name: str) -> None:
        real = getattr(os, name)
        kind = {"replace": "rename"}.get(name, name)

        def call(source: Any, target: Any, **more: Any) -> Any:
            full = self._full(target, None)
            detail = self._full(source, None)
            return self._told(kind, full, detail, lambda: real(source, target, **more))

        setattr(os, name, call)

    def _wrap_descriptor(self, name: str) -> None:
        real = getattr(os, name)

        def call(handle: int, *args: Any) -> Any:
            try:
                path = os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115
            except OSError:
                path = ""
            return self._told(name, path, (handle, *args), lambda: real(handle, *args))

        setattr(os, name, call)

    def _wrap_open(self) -> None:
        shim = self
        real_open, real_os_open = io.open, os.open

        def hooked(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **more: Any) -> Any:
            writes = any(letter in mode for letter in "wxa+")
            # One with an opener is a temporary file without a name: nothing of it is left behind.
            if not writes or "b" not in mode or "opener" in more:
                return real_open(file, mode, buffering, *rest, **more)
            if isinstance(file, int):
                path = os.readlink(f"/proc/self/fd/{file}")  # noqa: PTH115
            else:
                path = shim._full(file, None)
            if not shim._concerns(path):
                return real_open(file, mode, buffering, *rest, **more)
            if not isinstance(file, int):
                shim._hook("create", path, mode)
            raw = _Hooked(file, mode.replace("b", ""))
            raw.told = lambda kind, *rest: shim._told(kind, path, *rest)
            if not isinstance(file, int):
                shim._after("create", path, raw.fileno())
            size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
            return io.BufferedRandom(raw, size) if "+" in mode else io.BufferedWriter(raw, size)

        def os_open(path: Any, flags: int, *args: Any, **more: Any) -> int:
            full = shim._full(path, more.get("dir_fd"))
            if not flags & os.O_CREAT or not shim._concerns(full):
                return real_os_open(path, flags, *args, **more)
            shim._hook("create", full, flags)
            handle = real_os_open(path, flags, *args, **more)
            shim._after("create", full, handle)
            return handle

        for module, name, call in (
            (io, "open", hooked),
            (builtins, "open", hooked),
            (os, "fdopen", hooked),
            (os, "open", os_open),
        ):
            setattr(module, name, call)

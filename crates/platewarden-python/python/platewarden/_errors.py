"""The one exception of the package."""

from __future__ import annotations

from pathlib import Path


class Error(Exception):
    """Something went wrong: of what kind, what was expected and found, what to do.

    ``str(error)`` has both the context and the remedy.
    """

    kind: str
    """What kind of thing went wrong, for a program to act on: ``frame_type``, ``frame_shape``, ``color_order``,
    ``frame_too_large``, ``decode``, ``invalid_option``, ``runtime_missing``, ``io``, … (``docs/python.md`` lists them)."""
    context: str
    """What was expected, and what was found."""
    remedy: str
    """What to do about it."""
    path: Path | None
    """The file or folder that it is about, where there is one."""

    def __init__(self, context: str, kind: str, remedy: str, path: Path | None = None) -> None:
        super().__init__(context, kind, remedy, path)
        self.context = context
        self.kind = kind
        self.remedy = remedy
        self.path = None if path is None else Path(path)

    def __str__(self) -> str:
        return f"{self.context}; {self.remedy}"

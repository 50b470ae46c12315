"""The files of an archive."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from .._errors import Error

Kind = Literal["picture", "video"]

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".3gp"})


def kind_of(path: str | os.PathLike[str]) -> Kind | None:
    """What a file is by the ending of its name."""
    suffix = Path(path).suffix.lower()
    return "picture" if suffix in PICTURES else "video" if suffix in VIDEOS else None


def find_files(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[str]:
    """The pictures and videos that paths name, absolute and in order.

    Args:
        paths: Files, folders (searched to the bottom, without hidden files and without following linked folders) and glob
            patterns. Every machine must see them under the same names.

    A folder that cannot be searched is told as a ``RuntimeWarning``, and the others go on.

    Raises:
        Error: ``io`` for a path that names nothing, or a file that is no picture and no video by its ending.
    """
    found: set[str] = set()
    for given in [paths] if isinstance(paths, str | os.PathLike) else paths:
        path = os.path.abspath(os.fspath(given))
        if os.path.isdir(path):
            found.update(_below(path))
        elif os.path.isfile(path):
            if kind_of(path) is None:
                known = " ".join(sorted(PICTURES | VIDEOS))
                raise Error(f"{path} is no picture and no video by its ending", "io", f"give files that end in {known}", Path(path))
            found.add(path)
        else:
            matches = glob.glob(path, recursive=True)
            if not matches:
                raise Error(f"{given} names no file", "io", "give files, folders or glob patterns that exist", Path(path))
            for match in matches:
                if os.path.isdir(match):
                    found.update(_below(match))
                elif kind_of(match) is not None:
                    found.add(match)
    return sorted(found)


def _below(folder: str) -> Iterable[str]:
    for where, folders, files in os.walk(folder, onerror=_warn):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and kind_of(name) is not None:
                yield os.path.join(where, name)


def _warn(error: OSError) -> None:
    # `lost+found` and its like must not end a run, and pictures must not be missing without a word.
    warnings.warn(f"the folder {error.filename} cannot be searched, its files are not read: {error.strerror}", RuntimeWarning, stacklevel=4)

"""Where the installed package ``onnxruntime`` keeps its library."""

from __future__ import annotations

import os
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

_NAME = re.compile(r"libonnxruntime\.so(\.[\d.]+)?|libonnxruntime(\.[\d.]+)?\.dylib|onnxruntime\.dll", re.ASCII)


def find_library() -> Path | None:
    """The ONNX Runtime library of the package ``onnxruntime`` that this Python would import, without importing it.

    ``None`` where there is no such package, where it has no library of its own, and where ``PLATEWARDEN_ORT`` or
    ``ORT_DYLIB_PATH`` says which to load.
    """
    if os.environ.get("PLATEWARDEN_ORT") or os.environ.get("ORT_DYLIB_PATH"):
        return None
    # Without the entry that stands for the current directory: what lies there is not loaded unasked.
    spec = PathFinder.find_spec("onnxruntime", [entry for entry in sys.path if entry])
    if spec is None or spec.submodule_search_locations is None:
        return None
    for folder in spec.submodule_search_locations:
        capi = Path(folder) / "capi"
        if capi.is_dir():
            found = [file for file in capi.iterdir() if _NAME.fullmatch(file.name)]
            if found:
                return max(found, key=_version)
    return None


def _version(file: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", file.name)]

"""Which file is to blame when a worker dies again and again.

A worker that dies is started again and given its item again, without end: a file that brings the process down would stop the run.
So a second attempt notes which file it is at, and a file at which two workers ended is told as one that cannot be read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ._parts import ATTEMPTS, PARTIAL

# Deaths at one file before it is left out. One may be chance: a machine that was switched off.
_DEATHS = 2


class Attempts:
    """The attempts at one item, in a small file beside the parts for as long as none succeeds."""

    def __init__(self, out: str, item: str) -> None:
        """Counts this attempt."""
        self._path = Path(out) / f".{item}{ATTEMPTS}"
        before = self._read()
        self.is_first = not before
        self._deaths: dict[str, int] = before.get("deaths", {})
        if at := before.get("at"):
            self._deaths[at] = self._deaths.get(at, 0) + 1
        self._write(None)

    def is_to_blame(self, unit: str) -> bool:
        """Whether so many workers ended at this unit that it is left out."""
        return self._deaths.get(unit, 0) >= _DEATHS

    def begin(self, unit: str) -> None:
        """Notes that this unit is being read."""
        self._write(unit)

    def end(self) -> None:
        """Forgets the item, which is done."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return told

    def _write(self, at: str | None) -> None:
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}{PARTIAL}")
        partial.write_text(json.dumps({"at": at, "deaths": self._deaths}))
        os.replace(partial, self._path)

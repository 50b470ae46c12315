"""From the parts to what ``platewarden store import`` takes."""

from __future__ import annotations

import json
import os
from typing import IO, Any

from ._parts import rows

_COPIED = ("text", "confidence", "characters", "candidates", "region", "reads", "agreeing_reads", "first_seen", "last_seen", "best_at")


def export(out: str | os.PathLike[str], file: IO[str]) -> int:
    """Writes all rows of a folder of results as the JSON lines that ``platewarden store import`` takes, and counts them.

    Reads without a text are left out. Rows whose time or camera is not known get them from the import's ``--start`` and
    ``--camera``; without those it refuses and names the lines.

    Raises:
        Error: ``io`` for a folder that cannot be read or a part that is damaged.
    """
    count = 0
    for row in rows(out):
        if not row["text"]:
            continue
        file.write(json.dumps(_line(row), ensure_ascii=False, separators=(",", ":")) + "\n")
        count += 1
    return count


def _line(row: dict[str, Any]) -> dict[str, Any]:
    line = {"type": "pass"} | {name: row[name] for name in _COPIED}
    if row["region"] is not None:
        line["region_confidence"] = row["region_confidence"]
    if row["camera"] is not None:
        line["camera"] = row["camera"]
    if row["source_start"] is not None:
        line["source_start"] = row["source_start"].isoformat().replace("+00:00", "Z")
    return line

"""One row for each read of a picture and each pass of a video."""

from __future__ import annotations

from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from .. import PlateRead
from .._tracker import Pass
from ._units import Unit

_TEXTS = pa.list_(pa.struct([("text", pa.string()), ("confidence", pa.float32())]))
_SYMBOL = [("symbol", pa.string()), ("confidence", pa.float32())]
_CHARACTERS = pa.list_(pa.struct([*_SYMBOL, ("alternatives", pa.list_(pa.struct(_SYMBOL)))]))

SCHEMA: pa.Schema = pa.schema(
    [
        ("unit", pa.string()),
        ("sha256", pa.string()),
        ("source", pa.string()),
        ("type", pa.string()),
        ("text", pa.string()),
        ("display", pa.string()),
        ("confidence", pa.float32()),
        ("characters", _CHARACTERS),
        ("candidates", _TEXTS),
        ("region", pa.string()),
        ("region_confidence", pa.float32()),
        ("lines", pa.int32()),
        ("reads", pa.int32()),
        ("agreeing_reads", pa.int32()),
        ("frames", pa.int32()),
        ("first_seen", pa.float64()),
        ("last_seen", pa.float64()),
        ("best_at", pa.float64()),
        ("best_frame", pa.int64()),
        ("source_start", pa.timestamp("ms", tz="UTC")),
        ("camera", pa.string()),
        ("x", pa.float32()),
        ("y", pa.float32()),
        ("width", pa.float32()),
        ("height", pa.float32()),
        ("corners", pa.list_(pa.float32(), 8)),
        ("detection_score", pa.float32()),
    ]
)
"""The columns of the parts; ``docs/fleet.md`` says what each holds."""


def row_of(unit: Unit, told: PlateRead | Pass, source_start: Any, camera: str | None) -> dict[str, Any]:
    """The row of a read or a pass.

    Args:
        unit: Of what it was read.
        told: The read of a picture or the pass of a video.
        source_start: When the picture was taken or the video begins, as a ``datetime`` with a zone; ``None`` where unknown.
        camera: The camera, where it is known.
    """
    data = told.to_dict()
    bounds = told.bounds
    row = {
        "unit": unit.id,
        "sha256": unit.sha256,
        "source": unit.paths[0],
        "text": told.text,
        "display": told.display,
        "confidence": told.confidence,
        "characters": [_character(character) for character in told.characters],
        "candidates": [{"text": c.text, "confidence": c.confidence} for c in told.candidates],
        "lines": told.lines,
        "source_start": source_start,
        "camera": camera,
        "x": bounds.x,
        "y": bounds.y,
        "width": bounds.width,
        "height": bounds.height,
        "corners": [value for corner in told.corners for value in corner],
        "detection_score": data.get("detection_score"),
    }
    return row | (_of_pass(told) if isinstance(told, Pass) else _of_read(told))


def _character(character: Any) -> dict[str, Any]:
    alternatives = [{"symbol": a.symbol, "confidence": a.confidence} for a in character.alternatives]
    return {"symbol": character.symbol, "confidence": character.confidence, "alternatives": alternatives}


def _of_read(read: PlateRead) -> dict[str, Any]:
    region = read.region
    return {
        "type": "read",
        "region": None if region is None else region.code,
        "region_confidence": None if region is None else region.confidence,
        "reads": 1,
        "agreeing_reads": 1,
        "frames": 1,
        "first_seen": 0.0,
        "last_seen": 0.0,
        "best_at": 0.0,
        "best_frame": 0,
    }


def _of_pass(told: Pass) -> dict[str, Any]:
    return {
        "type": "pass",
        "region": told.region,
        "region_confidence": told.region_confidence if told.region is not None else None,
        "reads": told.reads,
        "agreeing_reads": told.agreeing_reads,
        "frames": told.frames,
        "first_seen": told.first_seen,
        "last_seen": told.last_seen,
        "best_at": told.best_at,
        "best_frame": told.best_frame,
    }

"""The parts of what is found and read on plates."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple


class Point(NamedTuple):
    """A place in pixels of the frame: x to the right, y down, (0, 0) at the outer corner of the top left pixel."""

    x: float
    y: float


class Rect(NamedTuple):
    """An upright box in pixels of the frame: its top left corner, its width and its height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge, in pixels."""
        return (self.x, self.y, self.x + self.width, self.y + self.height)


class Alternative(NamedTuple):
    """A character that may stand in the place of the one read."""

    symbol: str
    confidence: float
    """Its probability, 0 to 1."""


class CharacterRead(NamedTuple):
    """One character of a text."""

    symbol: str
    confidence: float
    """Probability of this character at its place, 0 to 1."""
    alternatives: tuple[Alternative, ...]
    """Other characters that may stand there instead, most likely first."""


class Candidate(NamedTuple):
    """A text that a plate may have."""

    text: str
    confidence: float
    """Probability that this is the whole text, 0 to 1."""


class RegionGuess(NamedTuple):
    """A country or state that may have issued a plate."""

    code: str
    """Code of ISO 3166-1 (``RO``) or, where states issue plates, of ISO 3166-2 (``US-CA``)."""
    confidence: float
    """Its probability, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A plate found, not read."""

    corners: tuple[Point, Point, Point, Point]
    """Top left, top right, bottom right, bottom left, in pixels of the frame."""
    bounds: Rect
    """The upright box around the plate, in pixels of the frame."""
    score: float
    """The detector's score, 0 to 1."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, which ``json.dumps`` takes."""
        return _fields(self)

    @classmethod
    def _from_dict(cls, data: dict[str, Any]) -> Detection:
        return cls(_corners(data), _rect(data["bounds"]), data["score"])


def _corners(data: dict[str, Any]) -> tuple[Point, Point, Point, Point]:
    a, b, c, d = data["corners"]
    return (Point(a["x"], a["y"]), Point(b["x"], b["y"]), Point(c["x"], c["y"]), Point(d["x"], d["y"]))


def _rect(data: dict[str, float]) -> Rect:
    return Rect(data["x"], data["y"], data["width"], data["height"])


def _characters(data: dict[str, Any]) -> tuple[CharacterRead, ...]:
    return tuple(
        [
            CharacterRead(
                character["symbol"],
                character["confidence"],
                tuple([Alternative(other["symbol"], other["confidence"]) for other in character["alternatives"]]),
            )
            for character in data["characters"]
        ]
    )


def _candidates(data: dict[str, Any]) -> tuple[Candidate, ...]:
    return tuple([Candidate(candidate["text"], candidate["confidence"]) for candidate in data["candidates"]])


def _fields(value: Any, *, without: str = "") -> dict[str, Any]:
    """The fields of a class of data, all the way down, as JSON reads them."""
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name != without}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        if hasattr(value, "_fields"):
            return {name: _plain(item) for name, item in zip(value._fields, value)}
        return [_plain(item) for item in value]
    return value

"""What is found and read on plates.

The small ones are named tuples, which Python makes several times as fast as anything else: a plate has some twenty of them.
"""

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


@dataclass(unsafe_hash=True, slots=True)
class PlateRead:
    """One plate in one frame. All coordinates are pixels of the frame that was read."""

    # Not frozen, which would take three times as long to make; nothing changes one all the same.

    text: str
    """The registration number as read, upper line first, without spaces or separators; empty where the plate was found but
    shows no text that could be read."""
    raw_text: str
    """The text that the recogniser alone finds most likely, before registration formats are weighed in."""
    display: str | None
    """The text as the plate prints it (``WÜ·XY 123`` for ``WUXY123``), where the formats of its region settle that."""
    confidence: float
    """Probability that the whole text is right, 0 to 1."""
    characters: tuple[CharacterRead, ...]
    """The characters of the text in order."""
    candidates: tuple[Candidate, ...]
    """The most likely texts, best first."""
    lines: int
    """Lines the text stands in, 1 to 3; 0 where there is no text."""
    unknown_signs: int
    """Characters beside those of the text that are no Latin letter or digit or are cut off too far."""
    region: RegionGuess | None
    """The country or state that issued the plate, where it can be guessed."""
    corners: tuple[Point, Point, Point, Point]
    """Top left, top right, bottom right, bottom left of the plate as it is read."""
    bounds: Rect
    """The upright box around the plate."""
    touches_edge: bool
    """Whether the plate reaches an edge of the frame, so that a part of it may be outside."""
    detection_score: float
    """How sure the engine is that there is a plate, readable or not, 0 to 1."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists: the object that ``platewarden read`` prints for a plate."""
        return _fields(self)

    @classmethod
    def _from_dict(cls, data: dict[str, Any]) -> PlateRead:
        region = data["region"]
        return cls(
            data["text"],
            data["raw_text"],
            data["display"],
            data["confidence"],
            _characters(data),
            _candidates(data),
            data["lines"],
            data["unknown_signs"],
            None if region is None else RegionGuess(region["code"], region["confidence"]),
            _corners(data),
            _rect(data["bounds"]),
            data["touches_edge"],
            data["detection_score"],
        )


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

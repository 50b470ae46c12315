"""From the frames of one camera to one pass for each vehicle."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from . import _native
from ._engine import Color, Engine, Frame, _dump
from ._parts import Candidate, CharacterRead, Point, Rect, _candidates, _characters, _corners, _fields, _rect


class Crossing(NamedTuple):
    """A line or the border of a zone was crossed."""

    name: str
    """Name of the line or zone."""
    direction: str
    """Which way."""
    at: float
    """When, in seconds from the start of the source."""


@dataclass(frozen=True, eq=False)
class Pass:
    """One vehicle seen over several frames. Times are seconds from the start of the source."""

    id: int
    """Number of the vehicle within its tracker, from 1."""
    kind: Literal["passed", "parked", "departed"]
    """Why it is told: it is gone, it stands in view, or it had been told as parked and is gone."""
    text: str
    """The voted text."""
    display: str | None
    """The text as the plate prints it, where the formats of its region settle that."""
    confidence: float
    """Probability that the voted text is right to the last character, 0 to 1."""
    characters: tuple[CharacterRead, ...]
    """The characters of the text with their share of the vote."""
    candidates: tuple[Candidate, ...]
    """The likeliest texts, the voted one first."""
    region: str | None
    """Code of the issuing country or state, where the reads tell one."""
    region_confidence: float
    """Mean probability that the reads give that region."""
    lines: int
    """Lines of text on the plate, 0 where unknown."""
    reads: int
    """Times the plate was read."""
    agreeing_reads: int
    """Reads whose own text was the voted one."""
    frames: int
    """Frames in which the plate was found."""
    first_seen: float
    last_seen: float
    best_frame: int
    """Which frame, counted from 0, had the best read: the one of the evidence."""
    best_at: float
    """Time of that frame."""
    best_text: str
    """What that frame alone was read as."""
    corners: tuple[Point, Point, Point, Point]
    """The plate in that frame, in pixels: top left, top right, bottom right, bottom left."""
    bounds: Rect
    """Upright box around the plate in that frame, in pixels."""
    max_plate_width: float
    """Greatest width of the plate over the frames, in pixels."""
    travel: Point
    """Way of the plate's centre from first to last seen, in pixels."""
    growth: float
    """Width of the plate when last seen over that when first seen: above 1 it came nearer."""
    crossings: tuple[Crossing, ...]
    """Lines and zones crossed, in order."""
    evidence: Frame | None
    """The plate with its surroundings, cut from the very frame that was read best: uint8 of shape (height, width, 3),
    **RGB**. ``None`` where the tracker keeps none."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, without the evidence's pixels."""
        return _fields(self, without="evidence")

    @classmethod
    def _from_native(cls, told: tuple[str, Frame | None]) -> Pass:
        text, evidence = told
        data = json.loads(text)
        data["characters"] = _characters(data)
        data["candidates"] = _candidates(data)
        data["corners"] = _corners(data)
        data["bounds"] = _rect(data["bounds"])
        data["travel"] = Point(**data["travel"])
        data["crossings"] = tuple(Crossing(c["name"], c["direction"], c["at"]) for c in data["crossings"])
        names = {field.name for field in fields(cls)}
        return cls(evidence=evidence, **{name: value for name, value in data.items() if name in names})


class Tracker:
    """Reads the frames of one camera and gives one :class:`Pass` for each vehicle.

    Trackers of several cameras share one engine. ``docs/video.md`` says how passes come about.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        merge_window: float = 2.0,
        lost_after: float = 1.0,
        parked_after: float = 20.0,
        parked_lost_after: float = 30.0,
        parked_interval: float | None = 1800.0,
        min_agreeing_reads: int = 3,
        settled_confidence: float = 0.9,
        skip_settled: bool = True,
        recheck_interval: float = 3.0,
        most_reads: int = 40,
        min_reads: int = 2,
        min_confidence: float = 0.3,
        max_candidates: int = 5,
        lines: Iterable[tuple[str, tuple[float, float], tuple[float, float]]] = (),
        zones: Iterable[tuple[str, Sequence[tuple[float, float]]]] = (),
        evidence_margin: tuple[float, float] | None = (0.5, 1.0),
        motion: bool = False,
    ) -> None:
        """Makes a tracker without vehicles. Times are seconds.

        Args:
            engine: What finds and reads the plates.
            merge_window: A vehicle seen again with the same text within this time is the same pass; passes are told this
                much after the vehicle was lost.
            lost_after: Longest time without a detection before a vehicle counts as gone.
            parked_after: Time of standing still after which a vehicle is parked.
            parked_lost_after: As ``lost_after``, for a parked vehicle.
            parked_interval: How often a parked vehicle is told again; ``None`` tells it once.
            min_agreeing_reads: Reads whose text must be that of the vote before it is settled.
            settled_confidence: Confidence of the vote before it is settled, 0 to 1.
            skip_settled: Whether vehicles whose vote is settled are not read any more.
            recheck_interval: A settled vehicle is read again this often.
            most_reads: Reads after which a vehicle whose vote will not settle is read only at that interval.
            min_reads: Reads that a pass needs at least.
            min_confidence: Confidence that a pass needs at least, 0 to 1.
            max_candidates: Candidates kept in a pass.
            lines: Lines to tell crossings of: a name and two ends (x, y) in pixels.
            zones: Zones to tell crossings of: a name and at least three corners (x, y) in pixels.
            evidence_margin: Margin around the plate in the evidence, in widths and heights of the plate; ``None`` keeps
                none.
            motion: Whether frames are left unsearched in which nothing moved.

        Raises:
            Error: ``invalid_option`` for a value out of its range.
        """
        options: dict[str, Any] = locals().copy()
        del options["self"], options["engine"]
        options["lines"], options["zones"] = list(lines), list(zones)
        # `None` turns these off, where for the native side it leaves the default.
        options["parked_once"] = parked_interval is None
        options["evidence"] = evidence_margin is not None
        self._native = _native.Tracker(engine._native, _dump(options))

    def read(self, frame: Frame, at: float, *, color: Color | None = None) -> list[Pass]:
        """Takes in the next frame and gives the passes that are complete.

        Args:
            frame: As :meth:`Engine.read` takes it.
            at: The frame's time in seconds from the start of the source; one before that of the last frame counts as the
                same time.
            color: The order of three channels, ``bgr`` or ``rgb``.

        Raises:
            Error: As :meth:`Engine.read`; the frame then counts as not seen, and the next one can be read.
        """
        return [Pass._from_native(told) for told in self._native.read(frame, at, color)]

    def finish(self) -> list[Pass]:
        """Ends all that is in view and gives its passes."""
        return [Pass._from_native(told) for told in self._native.finish()]

    @property
    def statistics(self) -> dict[str, int]:
        """Counts since the tracker was made: frames, detections, reads, reads saved, vehicles, passes and others."""
        counts: dict[str, int] = json.loads(self._native.statistics())
        return counts

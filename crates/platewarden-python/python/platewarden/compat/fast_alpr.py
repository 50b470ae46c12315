"""The interface of FastALPR 0.4 over :class:`platewarden.Engine`.

    from platewarden.compat.fast_alpr import ALPR

takes the place of ``from fast_alpr import ALPR``: the same calls, the same attributes of their results. What differs:

- Platewarden's own networks run. The names of FastALPR's models are accepted, and a warning says that they choose nothing;
  ``docs/fastalpr`` of the project runs FastALPR's weights themselves.
- A detector or a recogniser of one's own is refused: the library takes them in Rust.
- ``ocr.region`` is a code of ISO 3166 (``DE``, ``US-CA``), no name.
- ``ocr`` is ``None`` for a plate whose text cannot be read.
- ``result.read`` is the whole :class:`platewarden.PlateRead`: corners, candidates, and the calibrated probability that the
  whole text is right, which no mean of characters gives.
"""

from __future__ import annotations

import math
import os
import statistics
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._engine import Color, Engine, Frame, decode
from .._errors import Error
from .._native import PlateRead

__all__ = ["ALPR", "ALPRResult", "BoundingBox", "DetectionResult", "DrawPredictionsResult", "OcrResult"]

_GREEN = (36, 255, 12)
_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)


@dataclass(frozen=True)
class BoundingBox:
    """An upright box between two corners, in whole pixels of the frame and within it."""

    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def width(self) -> int:
        """Distance from left to right, in pixels."""
        return self.x2 - self.x1

    @property
    def height(self) -> int:
        """Distance from top to bottom, in pixels."""
        return self.y2 - self.y1

    @property
    def area(self) -> int:
        """Pixels within, 0 where the box is empty."""
        return max(0, self.width) * max(0, self.height)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.area == 0

    @property
    def aspect_ratio(self) -> float:
        """Width over height, 0 where the box is empty."""
        return 0.0 if self.is_empty else self.width / self.height

    @property
    def center(self) -> tuple[float, float]:
        """Its middle, in pixels."""
        return ((self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2)

    @property
    def xyxy(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return (self.x1, self.y1, self.x2, self.y2)

    def to_xywh(self) -> tuple[int, int, int, int]:
        """Left, top, width, height."""
        return (self.x1, self.y1, self.width, self.height)

    def to_cxcywh(self) -> tuple[float, float, float, float]:
        """Middle, width, height."""
        return (*self.center, float(self.width), float(self.height))

    def as_slices(self) -> tuple[slice, slice]:
        """Rows and columns, so that ``frame[box.as_slices()]`` cuts it out."""
        return (slice(self.y1, self.y2), slice(self.x1, self.x2))

    def __iter__(self) -> Iterator[int]:
        """Left, top, right, bottom."""
        yield from self.xyxy

    def contains_point(self, x: float, y: float) -> bool:
        """Whether a point lies in the box or on its edge."""
        return not self.is_empty and self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2

    def intersection(self, other: BoundingBox) -> BoundingBox | None:
        """What lies in both boxes, ``None`` where nothing does."""
        left, top = max(self.x1, other.x1), max(self.y1, other.y1)
        shared = BoundingBox(left, top, min(self.x2, other.x2), min(self.y2, other.y2))
        return shared if shared.width > 0 and shared.height > 0 else None

    def iou(self, other: BoundingBox) -> float:
        """Area of what lies in both boxes over the area of what lies in either, 0 to 1."""
        shared = self.intersection(other)
        if shared is None:
            return 0.0
        return shared.area / (self.area + other.area - shared.area)


@dataclass(frozen=True)
class DetectionResult:
    """A plate found."""

    label: str
    """``License Plate``, as FastALPR's detectors call it."""
    confidence: float
    """How sure it is that there is a plate, 0 to 1."""
    bounding_box: BoundingBox


@dataclass(frozen=True)
class OcrResult:
    """The text of a plate."""

    text: str
    confidence: float | list[float]
    """Probability of each character, 0 to 1."""
    region: str | None = None
    """Code of ISO 3166 of the country or state that may have issued the plate."""
    region_confidence: float | None = None
    """Its probability, 0 to 1."""


@dataclass(frozen=True)
class ALPRResult:
    """One plate."""

    detection: DetectionResult
    ocr: OcrResult | None
    read: PlateRead | None = None
    """What Platewarden has to say of it; not of FastALPR."""


@dataclass(frozen=True, slots=True)
class DrawPredictionsResult:
    """A picture with what was read drawn into it."""

    image: Frame
    results: list[ALPRResult]


class ALPR:
    """Finds and reads plates as ``fast_alpr.ALPR`` does."""

    def __init__(
        self,
        detector: Any = None,
        ocr: Any = None,
        detector_model: str | None = None,
        detector_conf_thresh: float | None = None,
        detector_providers: Any = None,
        detector_sess_options: Any = None,
        ocr_model: str | None = None,
        ocr_device: str = "auto",
        ocr_providers: Any = None,
        ocr_sess_options: Any = None,
        ocr_model_path: str | os.PathLike[str] | None = None,
        ocr_config_path: str | os.PathLike[str] | None = None,
        ocr_force_download: bool = False,
        *,
        engine: Engine | None = None,
    ) -> None:
        """Loads Platewarden's networks, or takes an engine that has.

        Args:
            detector_conf_thresh: Smallest detection score of a plate, 0 to 1. Scores are probabilities here, so that FastALPR's
                0.4 means something else; ``None`` takes the threshold that the networks were tuned for.
            engine: An engine with options of one's own; not of FastALPR.

        The rest is FastALPR's and chooses nothing here; a warning says so.

        Raises:
            Error: ``unsupported`` for a detector or a recogniser of one's own; else as :class:`platewarden.Engine`.
        """
        if detector is not None or ocr is not None:
            raise Error(
                "a detector or a recogniser of your own was given; expected none",
                "unsupported",
                "implement `Detector` or `Recognizer` in Rust, or stay with fast_alpr for them",
            )
        unheard = {
            "detector_model": detector_model,
            "detector_providers": detector_providers,
            "detector_sess_options": detector_sess_options,
            "ocr_model": ocr_model,
            "ocr_device": None if ocr_device in ("auto", "cpu") else ocr_device,
            "ocr_providers": ocr_providers,
            "ocr_sess_options": ocr_sess_options,
            "ocr_model_path": ocr_model_path,
            "ocr_config_path": ocr_config_path,
            "ocr_force_download": ocr_force_download or None,
        }
        given = [name for name, value in unheard.items() if value is not None]
        if engine is not None and detector_conf_thresh is not None:
            given.append("detector_conf_thresh")
        if given:
            warnings.warn(
                f"{', '.join(given)}: without effect, Platewarden's own networks run on the CPU",
                UserWarning,
                stacklevel=2,
            )
        self.engine = engine if engine is not None else Engine(min_detection_score=detector_conf_thresh)

    def predict(self, frame: Frame | str) -> list[ALPRResult]:
        """Finds and reads the plates of a frame.

        Args:
            frame: uint8 of shape (height, width, 3) in the order BGR, or (height, width); or the path of a picture.

        Returns:
            One result for each plate, best detection first.

        Raises:
            ValueError: For a path at which no picture can be loaded.
            Error: As :meth:`platewarden.Engine.read`.
        """
        if isinstance(frame, (str, os.PathLike)):
            try:
                picture = decode(Path(frame).read_bytes())
            except (Error, OSError) as error:
                raise ValueError(f"Failed to load image from path: {frame}") from error
            return self._predict(picture, "rgb")
        return self._predict(frame, "bgr")

    def _predict(self, frame: Frame, color: Color) -> list[ALPRResult]:
        reads = self.engine.read(frame, color=color)
        height, width = frame.shape[:2]
        return [_result(read, width, height) for read in reads]

    def draw_predictions(self, frame: Frame | str) -> DrawPredictionsResult:
        """Finds and reads the plates of a frame and draws boxes and texts into it, **in place** as FastALPR does.

        Args:
            frame: As :meth:`predict` takes it.

        Raises:
            ValueError: For a path at which no picture can be loaded.
            Error: ``missing_package`` without OpenCV; else as :meth:`predict`.
        """
        try:
            import cv2
        except ImportError as error:
            raise Error(
                "drawing needs OpenCV, which is not installed",
                "missing_package",
                "run `pip install opencv-python-headless`",
            ) from error
        image: Any = frame
        if isinstance(frame, (str, os.PathLike)):
            image = cv2.imread(os.fspath(frame))
            if image is None:
                raise ValueError(f"Failed to load image from path: {frame}")
        results = self.predict(image)
        for result in results:
            _draw(cv2, image, result)
        return DrawPredictionsResult(image, results)


def _result(read: PlateRead, width: int, height: int) -> ALPRResult:
    left, top, right, bottom = read.bounds.xyxy
    box = BoundingBox(
        max(0, math.floor(left)),
        max(0, math.floor(top)),
        min(width, math.ceil(right)),
        min(height, math.ceil(bottom)),
    )
    ocr = None
    if read.text:
        ocr = OcrResult(
            read.text,
            [character.confidence for character in read.characters],
            None if read.region is None else read.region.code,
            None if read.region is None else read.region.confidence,
        )
    return ALPRResult(DetectionResult("License Plate", read.detection_score, box), ocr, read)


def _lines(ocr: OcrResult) -> list[str]:
    """What is written beside a plate: the region where there is one, then the text."""
    confidence = statistics.mean(ocr.confidence) if isinstance(ocr.confidence, list) else ocr.confidence
    lines = [f"{ocr.text} {confidence:.0%}"]
    if ocr.region is not None:
        share = "" if ocr.region_confidence is None else f" {ocr.region_confidence:.0%}"
        lines.insert(0, ocr.region + share)
    return lines


def _draw(cv2: Any, image: Frame, result: ALPRResult) -> None:
    box = result.detection.bounding_box
    cv2.rectangle(image, (box.x1, box.y1), (box.x2, box.y2), _GREEN, 2)
    if result.ocr is None:
        return
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, min(1.25, max(0.4, image.shape[1] / 1000))
    thickness = 1 if scale < 0.75 else 2
    lines = _lines(result.ocr)
    sizes = [cv2.getTextSize(line, font, scale, thickness)[0] for line in lines]
    step = max(height for _, height in sizes) * 8 // 5
    # Above the plate, or below it where there is no room.
    y = box.y1 - 10 - step * (len(lines) - 1)
    if y < step:
        y = box.y2 + step
    for line, (width, _) in zip(lines, sizes):
        x = max(5, min(box.x1, image.shape[1] - width - 5))
        for color, stroke in ((_BLACK, thickness + 4), (_WHITE, thickness)):
            cv2.putText(image, line, (x, y), font, scale, color, stroke, cv2.LINE_AA)
        y += step

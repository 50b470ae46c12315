"""Plates made unreadable."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import _native
from ._engine import BackendInfo, Color, Frame, _dump, _load, _plain
from ._parts import Rect


@dataclass(frozen=True, eq=False)
class Redacted:
    """A frame without its plates."""

    frame: Frame
    """A copy of the frame, of its shape and channel order, with the pixels of plates replaced."""
    areas: tuple[Rect, ...]
    """What was replaced, in pixels."""


class Redactor:
    """Makes the plates of pictures unreadable, for good: their pixels are replaced.

    It searches harder than :class:`Engine` does, because a patch too many is better than a plate too few; each has its own
    networks. Making one loads them: make one and keep it.
    """

    def __init__(
        self,
        *,
        style: Literal["fill", "pixelate", "blur"] = "fill",
        fill: tuple[int, int, int] = (96, 96, 96),
        min_score: float = 0.08,
        parts: bool = True,
        widen_x: float = 0.15,
        widen_y: float = 0.25,
        margin: float = 3.0,
        **engine: Any,
    ) -> None:
        """Loads the networks.

        Args:
            style: What takes the place of a plate: one colour, eight cells of their mean colour, or those blended.
            fill: That colour: red, green, blue, 0 to 255, whatever the order of the frames.
            min_score: Least detection score of an area, 0 to 1: the lower, the fewer plates are missed.
            parts: Whether pictures are searched in four parts as well; takes five times as long and finds small plates.
            widen_x: Share of the plate's width added at its left and right.
            widen_y: Share of the plate's height added above and below.
            margin: Pixels added on each side beyond that.
            engine: Options of :class:`Engine`, such as ``backend``.

        Raises:
            Error: As :class:`Engine`.
        """
        options = {
            "style": style,
            "fill": list(fill),
            "min_score": min_score,
            "parts": parts,
            "widen_x": widen_x,
            "widen_y": widen_y,
            "margin": margin,
        }
        self._native: _native.Redactor = _load(_native.Redactor, _plain(engine), _dump(options))

    @property
    def backend(self) -> BackendInfo:
        """What runs the networks."""
        return BackendInfo._from_json(self._native.backend())

    def redact(
        self,
        frame: Frame,
        *,
        color: Color | None = None,
        keep: Sequence[str] = (),
        keep_confidence: float = 0.9,
    ) -> Redacted:
        """Replaces the plates of a copy of the frame.

        Args:
            frame: As :meth:`Engine.read` takes it; it is not changed.
            color: The order of three channels, ``bgr`` or ``rgb``.
            keep: Texts of plates to leave readable. A plate that is not read for sure is always replaced.
            keep_confidence: Least confidence at which a plate is taken for one of those, 0 to 1.

        Raises:
            Error: As :meth:`Engine.read`.
        """
        # A text alone is one plate, not a list of its letters.
        texts = [keep] if isinstance(keep, str) else list(keep)
        picture, areas = self._native.redact(frame, color, texts, keep_confidence)
        return Redacted(picture, tuple(Rect(**area) for area in json.loads(areas)))


@functools.cache
def _default() -> Redactor:
    return Redactor()


def redact(frame: Frame, *, color: Color | None = None, keep: Sequence[str] = ()) -> Frame:
    """A copy of the frame with its plates made unreadable, by a :class:`Redactor` with default options that is made once.

    Args:
        frame: uint8 of shape (height, width, 3), or (height, width) for grey.
        color: The order of three channels, ``bgr`` or ``rgb``.
        keep: Texts of plates to leave readable.

    Returns:
        uint8 of the shape and the channel order of ``frame``.
    """
    return _default().redact(frame, color=color, keep=keep).frame

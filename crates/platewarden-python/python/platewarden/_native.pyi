"""The native half of the package; private but for `PlateRead`. Texts are JSON."""

import os
from typing import Any, final

from ._engine import Frame
from ._errors import Error
from ._parts import Candidate, CharacterRead, Point, Rect, RegionGuess

__all__ = ["Decision", "Engine", "PlateRead", "Policy", "Redactor", "Tracker", "__version__", "decode"]

__version__: str

def decode(bytes: bytes) -> Frame: ...

@final
class PlateRead:
    """One plate in one frame. All coordinates are pixels of the frame that was read, x to the right and y down.

    Reads with the same content are equal.
    """

    @property
    def text(self) -> str:
        """The registration number as read, upper line first, without spaces or separators; empty where the plate was found
        but shows no text that could be read."""
    @property
    def raw_text(self) -> str:
        """The text that the recogniser alone finds most likely, before registration formats are weighed in."""
    @property
    def display(self) -> str | None:
        """The text as the plate prints it (``WÜ·XY 123`` for ``WUXY123``), where the formats of its region settle that."""
    @property
    def confidence(self) -> float:
        """Probability that the whole text is right, 0 to 1."""
    @property
    def characters(self) -> tuple[CharacterRead, ...]:
        """The characters of the text in order."""
    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The most likely texts, best first."""
    @property
    def lines(self) -> int:
        """Lines the text stands in, 1 to 3; 0 where there is no text."""
    @property
    def unknown_signs(self) -> int:
        """Characters beside those of the text that are no Latin letter or digit or are cut off too far."""
    @property
    def region(self) -> RegionGuess | None:
        """The country or state that issued the plate, where it can be guessed."""
    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """The plate's corners as it is read: top left, top right, bottom right, bottom left."""
    @property
    def bounds(self) -> Rect:
        """The upright box around the plate."""
    @property
    def touches_edge(self) -> bool:
        """Whether the plate reaches an edge of the frame, so that a part of it may be outside."""
    @property
    def detection_score(self) -> float:
        """How sure the engine is that there is a plate, readable or not, 0 to 1."""
    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists: the object that ``platewarden read`` prints for a plate."""
    @staticmethod
    def from_dict(data: dict[str, Any]) -> PlateRead:
        """The read in such a dictionary again.

        Raises:
            Error: ``json`` for a dictionary that is none.
        """

@final
class Engine:
    def __new__(cls, options: str) -> Engine: ...
    def backend(self) -> str: ...
    def networks(self) -> str: ...
    def precision(self) -> str | None: ...
    def warm_up(self) -> None: ...
    def read(self, frame: Frame, color: str | None) -> list[PlateRead]: ...
    def seconds_without_python(self, frame: Frame, color: str | None) -> float: ...
    def detect(self, frame: Frame, color: str | None) -> str: ...
    def read_batch(self, frames: list[Frame], color: str | None) -> list[list[PlateRead] | Error]: ...
    def read_bytes(self, bytes: bytes) -> list[PlateRead]: ...
    def read_file(self, path: str | os.PathLike[str]) -> list[PlateRead]: ...
    def rectify(
        self, frame: Frame, corners: list[tuple[float, float]], height: int, color: str | None
    ) -> Frame: ...

@final
class Tracker:
    def __new__(cls, engine: Engine, options: str) -> Tracker: ...
    def read(self, frame: Frame, at: float, color: str | None) -> list[tuple[str, Frame | None]]: ...
    def finish(self) -> list[tuple[str, Frame | None]]: ...
    def statistics(self) -> str: ...

@final
class Redactor:
    def __new__(cls, engine: str, options: str) -> Redactor: ...
    def backend(self) -> str: ...
    def redact(
        self, frame: Frame, color: str | None, keep: list[str], keep_confidence: float
    ) -> tuple[Frame, str]: ...

@final
class Policy:
    def __new__(cls, packs: str | os.PathLike[str] | None, allow_unverified: bool) -> Policy: ...
    def decide(self, request: str, as_of: str | None) -> Decision: ...

@final
class Decision:
    def to_json(self) -> str: ...
    def explain(self) -> str: ...

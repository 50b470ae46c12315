"""The engine: frames in, plate reads out."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from . import _native
from ._errors import Error
from ._library import find_library
from ._native import PlateRead
from ._parts import Detection, Point

Color = Literal["bgr", "rgb"]
"""The order of a frame's channels: ``bgr`` as OpenCV has it, ``rgb`` as Pillow and imageio do."""

Frame = npt.NDArray[np.uint8]
"""Pixels: uint8 of shape (height, width, 3), or (height, width) for grey."""


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What runs the networks."""

    backend: Literal["onnxruntime", "embedded"]
    """``onnxruntime``, or ``embedded``: the backend in pure Rust, which takes about four times as long."""
    version: str | None
    """Version of ONNX Runtime, where it can be told."""
    library: Path | None
    """File that ONNX Runtime was loaded from."""
    execution_provider: str
    """Device the networks run on; ``cpu`` in this package."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, which ``json.dumps`` takes."""
        return {**asdict(self), "library": None if self.library is None else str(self.library)}

    @classmethod
    def _from_json(cls, text: str) -> BackendInfo:
        data = json.loads(text)
        library = data["library"]
        return cls(
            data["backend"],
            data["version"],
            None if library is None else Path(library),
            data["execution_provider"],
        )


@dataclass(frozen=True)
class Networks:
    """Which networks an engine runs, for a record of what read something."""

    name: str
    """The manifest's name for them."""
    detector: str | None
    """SHA-256 of the detector's 32-bit file in hexadecimal, where the manifest states it."""
    recognizer: str | None
    """The same of the recogniser's."""
    subdivision: str | None
    """The same of the network's that tells a country's states apart, where there is one."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, which ``json.dumps`` takes."""
        return asdict(self)


def decode(data: bytes | bytearray | memoryview) -> Frame:
    """The pixels of an encoded picture: JPEG, PNG, WebP, BMP or TIFF, turned as its EXIF orientation says.

    Returns:
        uint8 of shape (height, width, 3), **RGB**.

    Raises:
        Error: ``unknown_image_format``, ``decode``, ``encoded_too_long``, ``frame_too_large`` or ``empty`` for bytes that are
            no picture that can be read.
    """
    return _native.decode(bytes(data))


class Engine:
    """Finds and reads the plates in frames.

    Making one loads the networks; make one and keep it. It can be used from any number of threads at once, and its calls
    release Python's lock while networks run.
    """

    def __init__(
        self,
        *,
        backend: Literal["auto", "onnxruntime", "embedded"] = "auto",
        onnxruntime_library: str | os.PathLike[str] | None = None,
        models: str | os.PathLike[str] | None = None,
        precision: Literal["auto", "fp32", "int8"] = "auto",
        min_detection_score: float | None = None,
        min_confidence: float = 0.0,
        min_plate_size: tuple[float, float] = (12.0, 4.0),
        keep_unread: bool = True,
        max_plates: int = 64,
        region_of_interest: Sequence[Sequence[tuple[float, float]]] = (),
        max_candidates: int = 5,
        syntax: bool = True,
        expected_regions: Sequence[str] = (),
        strict_regions: bool = False,
        threads: int | None = None,
        tiling: float | None = None,
        auto_tiling: bool = True,
        is_crop: bool = False,
        close_ups: bool = True,
        deskew: bool = True,
        second_look: bool = True,
        subdivisions: bool = True,
        turned: bool = False,
    ) -> None:
        """Loads the networks.

        Args:
            backend: The library that runs the networks: ``auto`` is ONNX Runtime where it can be used, else the embedded
                backend, with a ``RuntimeWarning``; ``onnxruntime`` is that or an error. :attr:`backend` says which runs.
            onnxruntime_library: The library to load. Without it, it is the one of the installed package ``onnxruntime``
                (``PLATEWARDEN_ORT`` in the environment names another).
            models: Manifest of other networks than those of the package.
            precision: Arithmetic of the networks; ``auto`` is, on ONNX Runtime, 8-bit integers where the processor has instructions
                for them (VNNI) and elsewhere whichever is measured to be faster.
            min_detection_score: Smallest detection score of a plate, 0 to 1. ``None``: what the manifest says.
            min_confidence: Smallest confidence of a text, 0 to 1; plates whose text is less sure are left out.
            min_plate_size: Smallest width and height of a plate in pixels of the frame.
            keep_unread: Whether plates without a text that can be read are reported, with an empty one.
            max_plates: Most plates of a frame, the best.
            region_of_interest: Polygons, of points in shares (0 to 1) of the frame's width and height; a plate whose centre
                lies in none is left out. None at all: the whole frame.
            max_candidates: Candidates kept for each plate, 1 to 50.
            syntax: Whether registration formats weigh in.
            expected_regions: Codes of ISO 3166 (``DE``, ``US-CA``) of countries or states whose plates are expected.
            strict_regions: Whether only the formats of those count.
            threads: Threads of a pool for :meth:`read_batch`. ``None``: one for each processor core, shared by all engines.
            tiling: Width in pixels of the smallest plate to find by searching large frames in tiles as well.
            auto_tiling: Whether frames more than 3,200 pixels wide or 1,900 high are searched in tiles by themselves.
            is_crop: Whether each picture is a plate and little else.
            close_ups: Whether pictures shaped like a plate are looked at again with room around them.
            deskew: Whether rolled or sheared plates are read at corners that follow their edges, where the detector's do not.
            second_look: Whether doubtful plates are cut out again, and the readings vote.
            subdivisions: Whether a network of its own tells American states apart.
            turned: Whether frames without a sure text are read upside-down and on either side as well.

        Raises:
            Error: ``invalid_option`` for a value out of its range; ``runtime_missing``, ``runtime_invalid``,
                ``runtime_too_old`` or ``backend_unavailable`` for a backend that cannot run; ``manifest``, ``model_load``,
                ``model_hash``, ``model_shape`` or ``unknown_contract`` for networks that cannot be used.
        """
        options = locals().copy()
        del options["self"]
        self._native: _native.Engine = _load(_native.Engine, _plain(options))

    @property
    def backend(self) -> BackendInfo:
        """What runs the networks."""
        return BackendInfo._from_json(self._native.backend())

    @property
    def networks(self) -> Networks:
        """Which networks it runs."""
        return Networks(**json.loads(self._native.networks()))

    @property
    def precision(self) -> Literal["fp32", "int8"]:
        """The arithmetic that its networks are run in: what ``auto`` came to on this machine."""
        return cast(Literal["fp32", "int8"], self._native.precision())

    def warm_up(self) -> None:
        """Runs every network once for each thread, so that the first frames take no longer than the rest."""
        self._native.warm_up()

    def read(self, frame: Frame, *, color: Color | None = None) -> list[PlateRead]:
        """Finds and reads the plates of a frame, best detection first.

        Rows that are contiguous are read where they lie, whatever the distance between them: a cut-out such as
        ``frame[100:400, 50:900]`` costs nothing. A frame whose rows are not, such as ``frame[::-1]`` or
        ``frame[..., ::-1]``, is copied once. Do not write to the frame while it is read.

        Args:
            frame: uint8 of shape (height, width, 3), or (height, width) for grey.
            color: The order of three channels, ``bgr`` or ``rgb``; must be said for them, and means nothing for grey.

        Raises:
            Error: ``frame_type``, ``frame_shape``, ``color_order``, ``empty`` or ``frame_too_large`` for a frame that
                cannot be read; ``inference`` where a network fails.
        """
        return self._native.read(frame, color)

    def read_batch(self, frames: Iterable[Frame], *, color: Color | None = None) -> list[list[PlateRead] | Error]:
        """Reads frames in parallel: for each, in their order, its reads or the error of that frame alone.

        Args:
            frames: Frames as :meth:`read` takes them; sizes may differ.
            color: The order of three channels, of all frames.
        """
        return self._native.read_batch(list(frames), color)

    def read_file(self, path: str | os.PathLike[str]) -> list[PlateRead]:
        """Reads the plates of a picture's file: JPEG, PNG, WebP, BMP or TIFF, turned as its EXIF orientation says.

        Raises:
            Error: ``io`` for a file that cannot be read; else as :meth:`read_bytes`.
        """
        return self._native.read_file(path)

    def read_bytes(self, data: bytes | bytearray | memoryview) -> list[PlateRead]:
        """Reads the plates of an encoded picture: JPEG, PNG, WebP, BMP or TIFF, turned as its EXIF orientation says.

        Raises:
            Error: ``unknown_image_format``, ``decode`` or ``encoded_too_long`` for bytes that are no picture that can be
                read; else as :meth:`read`.
        """
        return self._native.read_bytes(bytes(data))

    def detect(self, frame: Frame, *, color: Color | None = None) -> list[Detection]:
        """Finds the plates of a frame without reading them, best first. Takes and raises what :meth:`read` does."""
        return [Detection._from_dict(found) for found in json.loads(self._native.detect(frame, color))]

    def rectify(
        self,
        frame: Frame,
        plate: PlateRead | Detection | Sequence[Point],
        *,
        height: int = 64,
        color: Color | None = None,
    ) -> Frame:
        """Cuts a plate out of the frame and stretches it flat, with a margin of 6 % on each side.

        Args:
            frame: As :meth:`read` takes it.
            plate: A read or a detection of this frame, or four corners in its pixels, clockwise from the top left.
            height: Height of the picture in pixels; its width follows from the plate's proportions.
            color: The order of three channels of the frame.

        Returns:
            uint8 of shape (height, width, 3), **RGB** whatever the frame's order.

        Raises:
            Error: ``corners`` for corners that enclose nothing, ``empty`` or ``frame_too_large`` for a height out of range;
                else as :meth:`read`.
        """
        corners = plate.corners if isinstance(plate, (PlateRead, Detection)) else plate
        if len(corners) != 4:
            raise Error(
                f"the plate has {len(corners)} corners; expected four",
                "corners",
                "give them clockwise from the top left",
            )
        # Whatever is out of range is refused, by a number that the native side can hold.
        rows = max(0, min(int(height), 2**31))
        return self._native.rectify(frame, [(point.x, point.y) for point in corners], rows, color)

    def __repr__(self) -> str:
        return f"<platewarden.Engine on {self.backend.backend}>"


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    """The options as JSON takes them; paths become texts."""
    return {
        name: os.fspath(value) if isinstance(value, os.PathLike) else value
        for name, value in options.items()
        if value is not None
    }


def _dump(options: dict[str, Any]) -> str:
    try:
        return json.dumps(options)
    except (TypeError, ValueError, RecursionError) as error:
        raise Error(
            f"an option cannot be used: {error}",
            "invalid_option",
            "give it a value of the type that its documentation says",
        ) from error


def _load(make: Any, options: dict[str, Any], *more: str) -> Any:
    """Makes a native engine on the library of the installed package ``onnxruntime``, or on what the native side finds."""
    backend = options.get("backend", "auto")
    library = None
    if backend != "embedded" and "onnxruntime_library" not in options:
        library = find_library()
    if library is None:
        native = make(_dump(options), *more)
    else:
        try:
            native = make(_dump({**options, "onnxruntime_library": str(library)}), *more)
        except Error as error:
            # `backend_unavailable`: the process runs another library already, which then serves this engine too.
            if error.kind not in ("runtime_invalid", "runtime_too_old", "backend_unavailable"):
                raise
            if error.kind != "backend_unavailable":
                warnings.warn(str(error), RuntimeWarning, stacklevel=3)
            native = make(_dump(options), *more)
    if backend == "auto" and json.loads(native.backend())["backend"] == "embedded":
        warnings.warn(
            "no ONNX Runtime can be used here: the embedded backend runs, which takes about four times as long; "
            'run `pip install onnxruntime`, or say `backend="embedded"` if that is meant',
            RuntimeWarning,
            stacklevel=3,
        )
    return native

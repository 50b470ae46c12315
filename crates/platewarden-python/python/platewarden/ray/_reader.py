"""The actor: reads the units of one item and writes their part."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .. import Engine, Error, PlateRead, Tracker
from ._attempts import Attempts
from ._parts import Done, make_folder, part_name, read_before, write_part
from ._rows import row_of
from ._sources import kind_of
from ._times import picture_time, video_time
from ._units import Reading, Unit
from ._video import Video


class Changed(Exception):
    """A file is another one than when the run began, or is gone: nothing is written for it, and the next run reads it."""


_Result = tuple[Done, list[dict[str, Any]]] | OSError | Changed


class FileReader:
    """Reads files: one engine, loaded once, for all the items that a worker is given; made for ``map_batches``.

    A batch has one item: ``units``, a JSON list of :class:`Unit`. What comes back tells what became of them.
    """

    def __init__(
        self,
        out: str,
        expected: str,
        *,
        engine: dict[str, Any] | None = None,
        tracker: dict[str, Any] | None = None,
        threads: int = 1,
        max_fps: float | None = None,
        zone: str | None = None,
        camera: str | None = None,
        camera_from_folder: bool = False,
    ) -> None:
        """Loads the networks.

        Args:
            out: Folder of the parts.
            expected: The reading (JSON) that the run was begun with; a machine with another version is an error and not a mix
                of results.
            engine: Options of :class:`platewarden.Engine`; its arithmetic is that of the reading.
            tracker: Options of :class:`platewarden.Tracker`.
            threads: Pictures read at once, and threads that decode a video: the processors that the worker has.
            max_fps: Frames of a video read a second at most; ``None``: all.
            zone: Time zone (``Europe/Berlin``) of pictures whose EXIF has a time without an offset.
            camera: The camera of all rows.
            camera_from_folder: Whether the folder that a file lies in names its camera.

        Raises:
            Error: Those of :class:`platewarden.Engine`; ``invalid_option`` where version or networks are others than expected.
        """
        told = json.loads(expected)
        self._engine = Engine(**((engine or {}) | {"threads": threads, "precision": told["precision"]}))
        self._reading = Reading.of(self._engine, json.loads(told["options"]))
        if self._reading != Reading(**told):
            raise Error(
                f"this machine has platewarden {self._reading.version} with networks {self._reading.networks}, the run was begun "
                f"with {told['version']} and {told['networks']}",
                "invalid_option",
                "install the same version on every machine",
            )
        self._out, self._tracker, self._threads, self._max_fps = out, tracker or {}, threads, max_fps
        self._zone: tzinfo | None = None if zone is None else ZoneInfo(zone)
        self._camera, self._camera_from_folder = camera, camera_from_folder
        self._pool = ThreadPoolExecutor(threads)

    def __call__(self, batch: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Reads the item of a batch, writes its part and tells what became of it: ``done`` and ``left``, as JSON."""
        told: list[str] = []
        for item in batch["units"]:
            units = [Unit.from_dict(unit) for unit in json.loads(str(item))]
            make_folder(self._out)
            attempts = Attempts(self._out, part_name(units))
            # A worker that dies takes all items of its block with it into the next attempt, those that it had written, too.
            before = read_before(self._out, units)
            if before is not None:
                answer: dict[str, Any] = {"done": [one.to_dict() for one in before], "left": []}
            else:
                results = self._read(units) if attempts.is_first else self._read_carefully(units, attempts)
                answer = self._finish(units, results)
            attempts.end()
            told.append(json.dumps(answer))
        return {"told": np.array(told, dtype=object)}

    def _read(self, units: list[Unit]) -> list[_Result]:
        return list(self._pool.map(self._caught, units))

    def _read_carefully(self, units: list[Unit], attempts: Attempts) -> list[_Result]:
        """One by one, after a worker has died at one of them."""
        results: list[_Result] = []
        for unit in units:
            if attempts.is_to_blame(unit.id):
                error = f"the processes that read {unit.paths[0]} ended without a word; look at it, and at the memory of the machines"
                results.append((Done(unit, 0, 0, error), []))
                continue
            attempts.begin(unit.id)
            results.append(self._caught(unit))
        return results

    def _finish(self, units: list[Unit], results: list[_Result]) -> dict[str, Any]:
        """Writes the part, and tells what is in it and what was left out."""
        done: list[Done] = []
        rows: list[dict[str, Any]] = []
        left: list[tuple[str, str]] = []
        for unit, result in zip(units, results, strict=True):
            if isinstance(result, Exception):
                left.append((unit.paths[0], str(result)))
            else:
                done.append(result[0])
                rows.extend(result[1])
        if done:
            write_part(self._out, self._reading, done, rows)
        return {"done": [one.to_dict() for one in done], "left": left}

    def _caught(self, unit: Unit) -> _Result:
        """What concerns one file alone is given back instead of raised."""
        try:
            return self._read_unit(unit)
        except (OSError, Changed) as error:
            return error
        except Exception as error:
            # Libraries that take files apart raise whatever they meet. One file must not end a run of millions.
            return Done(unit, 0, 0, f"{unit.paths[0]} cannot be read: {type(error).__name__}: {error}"), []

    def _read_unit(self, unit: Unit) -> tuple[Done, list[dict[str, Any]]]:
        path = unit.paths[0]
        return self._read_video(unit, path) if kind_of(path) == "video" else self._read_picture(unit, path)

    def _read_picture(self, unit: Unit, path: str) -> tuple[Done, list[dict[str, Any]]]:
        data = Path(path).read_bytes()
        if hashlib.sha256(data).hexdigest() != unit.sha256:
            raise Changed(f"{path} has changed since the run began")
        try:
            reads: list[PlateRead] = self._engine.read_bytes(data)
        except Error as error:
            return Done(unit, 0, 0, str(error)), []
        taken, camera = picture_time(data, self._zone), self._camera_of(path)
        rows = [row_of(unit, read, taken, camera) for read in reads]
        return Done(unit, 1, len(rows), None), rows

    def _read_video(self, unit: Unit, path: str) -> tuple[Done, list[dict[str, Any]]]:
        before = os.stat(path)
        video = Video(path, self._threads, self._max_fps)
        tracker = Tracker(self._engine, **({"evidence_margin": None} | self._tracker))
        passes, error = [], None
        try:
            for at, frame in video.frames():
                passes += tracker.read(frame, at, color="rgb")
        except Error as failure:
            error = f"{path} cannot be read further than {video.count} frames: {failure}"
        passes += tracker.finish()
        after = os.stat(path)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Changed(f"{path} changed while it was read")
        rows = [row_of(unit, told, video.start, self._camera_of(path)) for told in passes]
        return Done(unit, video.count, len(rows), error or video.error), rows

    def _camera_of(self, path: str) -> str | None:
        return Path(path).parent.name if self._camera_from_folder else self._camera


"""Reading an archive on a cluster."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .._errors import Error
from ._options import check_counts, check_times, checked_engine
from ._parts import Done, Failed, Results, clear_leftovers, failures, keep_to_owner, make_folder
from ._reader import FileReader
from ._sources import find_files, kind_of
from ._units import Reading, Unit, digest_of

# Files hashed in one task.
_HASHED_TOGETHER = 256
# Blocks at most, or this many for each worker: each is a task that the head of the cluster keeps in mind.
_BLOCKS = 4096
_BLOCKS_EACH = 4


@dataclass
class Progress:
    """How far a run is."""

    files: int
    """Files found."""
    todo: int
    """Contents to read in this run."""
    done: int = 0
    """Of those, read or found unreadable."""
    frames: int = 0
    rows: int = 0
    failed: int = 0
    seconds: float = 0.0
    """Since the reading began, hashing not counted."""


@dataclass
class Summary:
    """What a run did."""

    files: int
    """Files found."""
    contents: int
    """Different contents among them."""
    skipped: int
    """Contents that had been read before."""
    read: int
    """Contents read in this run, unreadable ones included."""
    frames: int
    """Pictures and frames of videos read in this run."""
    rows: int
    """Rows written in this run."""
    failed: list[Failed] = field(default_factory=list)
    """Contents that cannot be read, of this run and of those before: read again where ``retry_failed`` asks for it."""
    left: list[Failed] = field(default_factory=list)
    """Files that could not be opened or have changed meanwhile: the next run takes them up by itself."""
    seconds: float = 0.0

    def __str__(self) -> str:
        told = (
            f"{self.files} files, {self.contents} different: {self.skipped} read before, {self.read} read now with {self.frames} "
            f"frames and {self.rows} rows in {self.seconds:.1f} s"
        )
        for name, files in (("cannot be read", self.failed), ("left for the next run", self.left)):
            if files:
                told += f"; {len(files)} {name}"
        return told


def connect(address: str) -> None:
    """Connects this process to a cluster, without Ray's own reports: ``HOST:PORT``, ``auto`` or ``local``."""
    import ray
    import ray.data  # Sets the levels of its loggers when it is imported, so it comes before ours.

    # Ray tells its makers about use where nobody says no.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def read_files(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    workers: int | None = None,
    num_cpus: int = 1,
    files_together: int = 64,
    engine: dict[str, Any] | None = None,
    tracker: dict[str, Any] | None = None,
    max_fps: float | None = None,
    zone: str | None = None,
    camera: str | None = None,
    camera_from_folder: bool = False,
    retry_failed: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Reads pictures and videos on the Ray cluster that this process is connected to or ``RAY_ADDRESS`` names, or on this machine.

    What was done before is not done again, so a run that was cut short is simply repeated. One run at a time for a folder.

    Args:
        paths: Files, folders and glob patterns (:func:`find_files`), seen under the same names by every machine.
        out: Folder of the parts, on a file system that every machine sees; made for its owner alone where it is missing, and
            closed to others where it is empty.
        workers: Processes that read; ``None``: as many as the cluster has processors for.
        num_cpus: Processors of each: pictures that it reads at once. One each reads most in a given time.
        files_together: Pictures in one part: what is done again where a worker dies. A video is a part of its own.
        engine: Options of :class:`platewarden.Engine`.
        tracker: Options of :class:`platewarden.Tracker`, for videos.
        max_fps: Frames of a video read a second at most; ``None``: all.
        zone: Time zone (``Europe/Berlin``) of pictures whose EXIF has a time without an offset; without it their time is unknown.
        camera: The camera of all rows.
        camera_from_folder: Whether the folder that a file lies in names its camera.
        retry_failed: Whether contents that could not be read before are tried again.
        progress: Called in this process whenever a part is done.

    Raises:
        Error: ``io`` for paths that name nothing and a folder that cannot be written, ``invalid_option`` for options that
            the engine does not take and for machines with another version of this package.
        ray.exceptions.RayError: Where the cluster fails as a whole.
    """
    import ray

    began = time.monotonic()
    check_counts(workers=workers, num_cpus=num_cpus, files_together=files_together)
    check_times(max_fps, zone)
    looked_at = checked_engine(engine or {}, tracker or {})
    files = find_files(paths)
    made = make_folder(os.path.abspath(os.fspath(out)))
    keep_to_owner(made)
    folder = str(made)
    clear_leftovers(folder)
    if not ray.is_initialized():
        connect(os.environ.get("RAY_ADDRESS", "local"))
    ray.data.DataContext.get_current().enable_progress_bars = False
    times = {"max_fps": max_fps, "zone": zone, "camera": camera, "camera_from_folder": camera_from_folder}
    reading = Reading.of(looked_at, {"engine": engine or {}, "tracker": tracker or {}, **times})
    units, left = _units(files, reading)
    done = Results(folder).done
    todo = [unit for unit in units if _is_to_do(done.get(unit.id), retry_failed)]
    state = Progress(len(files), len(todo))
    arguments = {"engine": engine, "tracker": tracker, "threads": num_cpus, **times}
    if todo:
        size = workers or max(1, int(ray.cluster_resources().get("CPU", 1)) // num_cpus)  # type: ignore[no-untyped-call]
        now, more = _read(_items(todo, files_together), folder, reading, arguments, size, num_cpus, state, progress)
        done |= now
        left += more
    return Summary(
        files=len(files),
        contents=len(units),
        skipped=len(units) - len(todo),
        read=state.done,
        frames=state.frames,
        rows=state.rows,
        failed=failures(done[unit.id] for unit in units if unit.id in done),
        left=left,
        seconds=time.monotonic() - began,
    )


def _is_to_do(before: Done | None, retry_failed: bool) -> bool:
    return before is None or (retry_failed and before.error is not None)


def _units(files: list[str], reading: Reading) -> tuple[list[Unit], list[Failed]]:
    """The units of all files, found by hashing them on the cluster; files that cannot be opened are left."""
    import ray

    paths: dict[str, list[str]] = defaultdict(list)
    left: list[Failed] = []
    if files:
        blocks = min(_BLOCKS, -(-len(files) // _HASHED_TOGETHER))
        data = ray.data.from_items([{"path": path} for path in files], override_num_blocks=blocks)
        for row in data.map_batches(_hash, batch_size=_HASHED_TOGETHER, num_cpus=0.5).iter_rows():
            if row["error"]:
                left.append(Failed(row["path"], row["error"]))
            else:
                paths[row["sha256"]].append(row["path"])
    units = [Unit(reading.unit(sha256), sha256, tuple(sorted(same))) for sha256, same in paths.items()]
    return sorted(units, key=lambda unit: unit.paths), left


def _hash(batch: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    digests, errors = [], []
    for path in batch["path"]:
        try:
            digests.append(digest_of(str(path)))
            errors.append("")
        except OSError as error:
            digests.append("")
            errors.append(str(error))
    return {"path": batch["path"], "sha256": np.array(digests, dtype=object), "error": np.array(errors, dtype=object)}


def _items(units: list[Unit], together: int) -> list[str]:
    """What is read at once and written as one part, as JSON: videos first, for they take longest, one by one."""
    videos = [[unit] for unit in units if kind_of(unit.paths[0]) == "video"]
    pictures = [unit for unit in units if kind_of(unit.paths[0]) != "video"]
    groups = videos + [pictures[i : i + together] for i in range(0, len(pictures), together)]
    return [json.dumps([unit.to_dict() for unit in group]) for group in groups]


def _read(
    items: list[str],
    out: str,
    reading: Reading,
    arguments: dict[str, Any],
    workers: int,
    num_cpus: int,
    state: Progress,
    progress: Callable[[Progress], None] | None,
) -> tuple[dict[str, Done], list[Failed]]:
    """Reads items: what became of their units, by the units' names, and the files that were left."""
    import ray

    began = time.monotonic()
    # One item a block where they are not too many, so that workers take them one by one, and never fewer than workers ask for. Ray
    # gives the block of a worker that died to another one, without end.
    blocks = min(len(items), max(_BLOCKS, _BLOCKS_EACH * workers))
    data = ray.data.from_items([{"units": item} for item in items], override_num_blocks=blocks)
    told = data.map_batches(
        FileReader,
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(items))),
        num_cpus=num_cpus,
        fn_constructor_args=(out, json.dumps(asdict(reading))),
        fn_constructor_kwargs=arguments,
    )
    left: list[Failed] = []
    done: dict[str, Done] = {}
    for row in _rows_of(told):
        answer = json.loads(row["told"])
        left += [Failed(path, reason) for path, reason in answer["left"]]
        for one in map(Done.from_dict, answer["done"]):
            # Told twice where a worker died after its part was written.
            if one.unit.id in done:
                continue
            done[one.unit.id] = one
            state.done += 1
            state.frames += one.frames
            state.rows += one.rows
            state.failed += one.error is not None
        state.seconds = time.monotonic() - began
        if progress is not None:
            progress(state)
    return done, left


def _rows_of(told: Any) -> Iterator[dict[str, Any]]:
    """The rows of a dataset; an error of ours that ended it comes as such, without the tracebacks of three processes."""
    from ray.exceptions import RayError

    try:
        yield from told.iter_rows()
    except RayError as error:
        ours = re.search(r"platewarden\._errors\.Error: ([^\n]+)", str(error))
        if ours is None:
            raise
        message, _, remedy = ours[1].rpartition("; ")
        raise Error(message, "invalid_option", remedy) from error


def print_progress(state: Progress) -> None:
    """A line on standard error: how far a run is, and when it will be done."""
    rate = state.done / max(state.seconds, 1e-9)
    rest = (state.todo - state.done) / rate if rate > 0 else float("nan")
    line = f"{state.done:,} of {state.todo:,} files, {state.rows:,} rows, {state.frames / max(state.seconds, 1e-9):.1f} frames/s"
    if state.failed:
        line += f", {state.failed} cannot be read"
    print(f"\r{line}, {rest:.0f} s left   ", end="", file=sys.stderr, flush=True)

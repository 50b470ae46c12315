"""Parts: Parquet files of the rows of some units, with what became of each unit in their metadata.

A part appears under its name whole or not at all, and its name is made of its units: a worker that does again what another one
has done replaces the file by itself. A unit in two parts (two runs at once) counts in the first by name alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from .._errors import Error
from ._rows import SCHEMA
from ._units import Reading, Unit

_UNITS, _READING = b"platewarden.units", b"platewarden.reading"
_ENDING = ".parquet"
PARTIAL = ".partial"
"""How the names of files that are being written end."""
ATTEMPTS = ".attempts"
"""How the names of notes of attempts end."""
# Only what is named as ours is removed: the folder is the user's.
_LEFT_PART = re.compile(rf"\.[0-9a-f]{{32}}(\{ATTEMPTS})?\.[0-9a-f]+\{PARTIAL}")
_LEFT_NOTE = re.compile(rf"\.[0-9a-f]{{32}}\{ATTEMPTS}")
# Seconds after which a file that is being written belongs to nobody: parts are written in one go.
_LEFT_AFTER = 3600.0


@dataclass(frozen=True)
class Failed:
    """Why a file was not read, or not to its end."""

    path: str
    reason: str
    """What was expected, what came, what to do."""


@dataclass(frozen=True)
class Done:
    """What became of a unit."""

    unit: Unit
    frames: int
    """Frames that were read: 1 of a picture."""
    rows: int
    error: str | None
    """Why its content could not be read, or not all of it."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"unit": self.unit.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Done:
        """What is in such a dictionary."""
        return cls(Unit.from_dict(data["unit"]), data["frames"], data["rows"], data["error"])


def failures(done: Iterable[Done]) -> list[Failed]:
    """Those whose content could not be read, or not all of it."""
    return [Failed(one.unit.paths[0], one.error) for one in done if one.error is not None]


def make_folder(out: str | os.PathLike[str]) -> Path:
    """The folder of the parts, for its owner alone.

    Raises:
        Error: ``io`` where it cannot be made.
    """
    folder = Path(out)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Error(f"the folder {folder} cannot be made: {error}", "io", "name a folder that can be written", folder) from error
    return folder


def keep_to_owner(folder: Path) -> None:
    """Closes an empty folder to all but its owner; one with something in it is told by a ``RuntimeWarning`` instead.

    Somebody may have given others a folder that is in use, so its mode is theirs to change.
    """
    mode = stat.S_IMODE(folder.stat().st_mode)
    # Elsewhere these bits say nothing of who may enter.
    if os.name != "posix" or not mode & 0o077:
        return
    try:
        if not any(folder.iterdir()):
            folder.chmod(mode & ~0o077)
            return
    except OSError:
        pass
    warnings.warn(f"others than you may enter {folder}, where plate reads are kept: chmod 700 it", RuntimeWarning, stacklevel=3)


def clear_leftovers(out: str | os.PathLike[str]) -> None:
    """Removes what workers that died left: parts half written, which hold plate reads, and notes of attempts.

    A run that was ended from outside is no fault of the file that it was at, so attempts count within a run alone.
    """
    for path in Path(out).glob(".*"):
        try:
            # What is younger may be written this moment by another run.
            if _LEFT_PART.fullmatch(path.name) and time.time() - path.stat().st_mtime < _LEFT_AFTER:
                continue
            if _LEFT_PART.fullmatch(path.name) or _LEFT_NOTE.fullmatch(path.name):
                path.unlink()
        except FileNotFoundError:
            pass


def read_before(out: str, units: Sequence[Unit]) -> list[Done] | None:
    """What became of these units, where their part is there and all could be read; ``None`` where they are to be read."""
    path = Path(out) / f"{part_name(units)}{_ENDING}"
    if not path.exists():
        return None
    try:
        done = Results.units_of(path)
    except Error:
        return None
    return None if any(one.error for one in done) else done


def part_name(units: Sequence[Unit]) -> str:
    """The name of the part of these units: 32 hexadecimal digits."""
    return hashlib.sha256("\n".join(sorted(unit.id for unit in units)).encode()).hexdigest()[:32]


def write_part(out: str, reading: Reading, done: Sequence[Done], rows: Sequence[dict[str, Any]]) -> Path:
    """Writes a part, for its owner alone; it is on the disk when this returns."""
    name = part_name([one.unit for one in done])
    folder = make_folder(out)
    told = {_UNITS: json.dumps([one.to_dict() for one in done]), _READING: json.dumps(asdict(reading))}
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA.with_metadata(told))
    path = folder / f"{name}{_ENDING}"
    partial = folder / f".{name}.{uuid.uuid4().hex}{PARTIAL}"
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _flush_folder(folder)
    return path


def _flush_folder(folder: Path) -> None:
    # So that the new name survives a power cut; not every system can open folders.
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


class Results:
    """The parts of a folder, each unit once."""

    def __init__(self, out: str | os.PathLike[str]) -> None:
        """Reads what became of each unit, and no rows.

        Raises:
            Error: ``io`` for a folder that cannot be read, or a part that is none of ours or damaged.
        """
        self.folder = Path(out)
        self.done: dict[str, Done] = {}
        """By the unit's name."""
        self._counted: dict[Path, set[str]] = {}
        for path in sorted(self.folder.glob(f"*{_ENDING}")):
            for one in self.units_of(path):
                before = self.done.get(one.unit.id)
                # Read again after an error: what is whole counts.
                if before is None or (before.error is not None and one.error is None):
                    if before is not None:
                        for units in self._counted.values():
                            units.discard(one.unit.id)
                    self.done[one.unit.id] = one
                    self._counted.setdefault(path, set()).add(one.unit.id)

    @staticmethod
    def units_of(path: Path) -> list[Done]:
        """What became of the units of one part.

        Raises:
            Error: ``io`` for a file that is no part or damaged.
        """
        try:
            metadata = pq.read_schema(path).metadata or {}
            return [Done.from_dict(one) for one in json.loads(metadata[_UNITS])]
        except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
            remedy = "give the folder that read_files wrote to; remove a damaged part, and its files are read again"
            raise Error(f"{path} is no part of results: {error!r}", "io", remedy, path) from error

    @property
    def failed(self) -> list[Failed]:
        """The units whose content could not be read, or not to its end."""
        return failures(self.done.values())

    def rows(self) -> Iterator[dict[str, Any]]:
        """All rows, part by part."""
        for path, units in sorted(self._counted.items()):
            for batch in pq.ParquetFile(path).iter_batches():
                for row in batch.to_pylist():
                    if row["unit"] in units:
                        yield row


def rows(out: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """All rows of a folder of results, each unit's once, as dictionaries of the columns of ``SCHEMA``.

    Raises:
        Error: ``io`` for a folder that cannot be read or a part that is damaged.
    """
    return Results(out).rows()

"""What is done once: a file's content, read by one version with one set of options."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from .. import __version__
from .._engine import Engine

# How much of a file is hashed at once.
_CHUNK = 1 << 20


def digest_of(path: str) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True)
class Reading:
    """Everything besides a file's content that its reads depend on."""

    version: str
    """Version of this package."""
    networks: str
    """The networks' names and digests, as JSON."""
    options: str
    """The options of engine, tracker and times, as JSON."""
    precision: str
    """The arithmetic of the networks. Where nobody names one it is that of the machine that begins the run: workers that each
    took what is fastest on them would differ in confidences, and now and then in a text."""

    @classmethod
    def of(cls, engine: Engine, options: dict[str, Any]) -> Reading:
        """That of an engine in this process."""
        networks = json.dumps(engine.networks.to_dict(), sort_keys=True)
        return cls(__version__, networks, json.dumps(options, sort_keys=True, default=str), engine.precision)

    def unit(self, sha256: str) -> str:
        """The name of the unit of work for a content: 32 hexadecimal digits.

        The arithmetic is in it where it was asked for: what is done stays done when another machine goes on.
        """
        told = json.dumps([sha256, self.version, self.networks, self.options])
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Unit:
    """One content to be read."""

    id: str
    """Its name, which depends on content, version, networks and options; :meth:`Reading.unit`."""
    sha256: str
    """SHA-256 of the content, in hexadecimal."""
    paths: tuple[str, ...]
    """All files with this content, in order; the first is read."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"id": self.id, "sha256": self.sha256, "paths": list(self.paths)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Unit:
        """The unit in such a dictionary."""
        return cls(data["id"], data["sha256"], tuple(data["paths"]))

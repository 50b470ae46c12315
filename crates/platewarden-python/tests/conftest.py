"""The generated pictures of the project, and one engine for all tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import platewarden

DATA = Path(__file__).resolve().parents[3] / "fixtures" / "data"
TWO = DATA / "two_1280x720.jpg"


@pytest.fixture(scope="session")
def engine() -> platewarden.Engine:
    return platewarden.Engine()


@pytest.fixture(scope="session")
def scenes() -> list[dict[str, Any]]:
    """What the generator wrote into each picture."""
    return json.loads((DATA / "expected.json").read_text())


@pytest.fixture(scope="session")
def street() -> np.ndarray:
    """The picture with two plates: (720, 1280, 3), RGB. Nobody writes to it."""
    picture = platewarden.decode(TWO.read_bytes())
    picture.setflags(write=False)
    return picture

"""What a run is asked to do, checked before any work is given out."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from .._engine import Engine
from .._errors import Error
from .._tracker import Tracker


def check_counts(**counts: int | None) -> None:
    """Refuses counts below 1.

    Raises:
        Error: ``invalid_option``.
    """
    for name, count in counts.items():
        if count is not None and count < 1:
            raise Error(f"{name} is {count}", "invalid_option", "give 1 or more")


def check_times(max_fps: float | None, zone: str | None) -> None:
    """Refuses a rate that hands out no frame and a zone that is none.

    Raises:
        Error: ``invalid_option``.
    """
    if max_fps is not None and not max_fps > 0:
        raise Error(f"max_fps is {max_fps}", "invalid_option", "give frames a second, more than 0")
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        remedy = "give a name such as Europe/Berlin; systems without time zones need `pip install tzdata`"
        raise Error(f"there is no time zone {zone!r}", "invalid_option", remedy) from error


def checked_engine(engine: dict[str, Any], tracker: dict[str, Any]) -> Engine:
    """An engine of these options, for a look at its networks; the options of the tracker are tried, too.

    Raises:
        Error: Those of :class:`Engine` and :class:`Tracker`; ``invalid_option`` for an option that they do not have.
    """
    try:
        # How many threads read changes no result.
        made = Engine(**(engine | {"threads": 1}))
        Tracker(made, **tracker)
    except TypeError as error:
        raise Error(str(error), "invalid_option", "see help(platewarden.Engine) and help(platewarden.Tracker)") from error
    return made

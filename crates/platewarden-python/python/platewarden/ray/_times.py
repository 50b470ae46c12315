"""When a picture was taken and a video begins, as the files themselves say."""

from __future__ import annotations

import io
from datetime import UTC, datetime, tzinfo
from typing import Any

from PIL import Image

_EXIF, _TAKEN, _OFFSET, _FRACTION = 0x8769, 0x9003, 0x9011, 0x9291


def picture_time(data: bytes, zone: tzinfo | None) -> datetime | None:
    """When a picture was taken, from its EXIF: `DateTimeOriginal` with its offset, or in `zone` where it has none.

    ``None`` where it says nothing, or a time without an offset and no zone is given: an hour wrong is worse than unknown.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            exif = picture.getexif().get_ifd(_EXIF)
    except Exception:
        # What Pillow raises for metadata that is damaged is not documented; the picture itself has been read.
        return None
    taken, offset = _text(exif.get(_TAKEN)), _text(exif.get(_OFFSET))
    fraction = _text(exif.get(_FRACTION))
    try:
        time = datetime.strptime(taken + (offset or ""), "%Y:%m:%d %H:%M:%S" + ("%z" if offset else ""))
    except ValueError:
        return None
    if fraction.isascii() and fraction.isdigit():
        time = time.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    if time.tzinfo is None:
        if zone is None:
            return None
        time = time.replace(tzinfo=zone)
    return _utc(time)


def _utc(time: datetime) -> datetime | None:
    # The first and the last day of the calendar have no other zones.
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return None


def _text(value: Any) -> str:
    return value.strip("\x00 ") if isinstance(value, str) else ""


def video_time(metadata: dict[str, str]) -> datetime | None:
    """When a video begins, from the container's `creation_time`; ``None`` where it says nothing."""
    told = metadata.get("creation_time", "")
    try:
        time = datetime.fromisoformat(told)
    except ValueError:
        return None
    # Cameras whose clock was never set say 1904 or 1970.
    if time.year < 1990:
        return None
    return _utc(time.replace(tzinfo=UTC) if time.tzinfo is None else time)

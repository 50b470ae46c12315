"""The frames of a video file, past whatever is damaged in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from ._times import video_time

# A time that lies further back than this many seconds begins another recording; less is the jitter of a poor clock.
_BACK = 1.0


class Video:
    """Decodes one file, once."""

    def __init__(self, path: str, threads: int, max_fps: float | None) -> None:
        """Opens nothing yet.

        Args:
            path: The file.
            threads: Threads that decode.
            max_fps: Frames handed out a second at most; ``None``: all.
        """
        self._path, self._threads, self._max_fps = path, threads, max_fps
        self._damaged = 0
        self.start: datetime | None = None
        """When it begins, as the container says; known once frames were asked for."""
        self.count = 0
        """Frames handed out."""
        self.error: str | None = None
        """Why frames are missing, once there are no more."""

    def frames(self) -> Iterator[tuple[float, npt.NDArray[np.uint8]]]:
        """Times in seconds from the first frame, which never go back, and frames (height, width, 3), RGB, upright.

        Raises:
            OSError: Where the file cannot be opened or read. What is in it raises nothing: :attr:`error` says it at the end.
        """
        try:
            # Titles and the like come in any encoding; they are no reason not to read a video.
            with av.open(self._path, metadata_errors="replace") as container:
                self.start = video_time(dict(container.metadata))
                for at, frame in self._due(container):
                    pixels = _upright(frame)
                    self.count += 1
                    yield at, pixels
        except Exception as error:
            if isinstance(error, OSError):
                raise
            self.error = f"{self._path} is damaged or no video, after {self.count} frames: {error}"
            return
        if self.count == 0:
            self.error = f"{self._path} has no frames that can be decoded"
        elif self._damaged:
            self.error = f"{self._path} has {self._damaged} damaged packets, which were passed over; {self.count} frames were read"

    def _due(self, container: Any) -> Iterator[tuple[float, Any]]:
        """Those of the frames that are not too many, with their times."""
        stream = container.streams.best("video")
        # Without a decoder for what is in the stream there is no context either.
        if stream is None or stream.codec_context is None:
            return
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = self._threads
        rate = float(stream.average_rate or 25)
        last, shift, due = 0.0, None, 0.0
        for number, frame in enumerate(self._decoded(container, stream)):
            told = float(frame.time) if frame.time is not None else number / rate
            if shift is None:
                shift = -told
            elif told + shift < last - _BACK:
                shift = last + 1 / rate - told
            last = at = max(told + shift, last)
            if self._max_fps is not None:
                if at < due:
                    continue
                due = max(due, at - 1 / self._max_fps) + 1 / self._max_fps
            yield at, frame

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """All frames; packets that cannot be decoded are counted and passed over."""
        has_begun = False
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                # A recording that was cut begins with packets whose key frame is missing.
                self._damaged += has_begun
                continue
            has_begun = has_begun or bool(frames)
            yield from frames


def _upright(frame: Any) -> npt.NDArray[np.uint8]:
    pixels: npt.NDArray[np.uint8] = frame.to_ndarray(format="rgb24")
    turns = round((getattr(frame, "rotation", 0) or 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels

"""Licence plates found and read in images and video on ordinary CPUs, and the law of the data that this makes.

    import cv2
    from platewarden import Engine

    engine = Engine()
    for plate in engine.read(cv2.imread("street.jpg"), color="bgr"):
        print(plate.text, plate.confidence, plate.bounds)

- :class:`Engine` reads frames (numpy arrays of uint8) and files; :class:`Tracker` makes one pass for each vehicle of a video;
  :func:`redact` and :class:`Redactor` make plates unreadable; :class:`Policy` decides who may search the reads, and why.
- All coordinates are pixels of the frame given, x to the right and y down; confidences are probabilities.
- Everything that can go wrong is an :class:`Error` with a ``kind`` and a ``remedy``.
- The library logs to the loggers ``platewarden`` and ``onnxruntime``.
- :mod:`platewarden.compat.fast_alpr` has the interface of FastALPR.
"""

from ._engine import BackendInfo, Color, Engine, Frame, Networks, decode
from ._errors import Error
from ._native import PlateRead, __version__
from ._parts import Alternative, Candidate, CharacterRead, Detection, Point, Rect, RegionGuess
from ._policy import Decision, Policy
from ._redact import Redacted, Redactor, redact
from ._tracker import Crossing, Pass, Tracker

__all__ = [
    "Alternative",
    "BackendInfo",
    "Candidate",
    "CharacterRead",
    "Color",
    "Crossing",
    "Decision",
    "Detection",
    "Engine",
    "Error",
    "Frame",
    "Networks",
    "Pass",
    "PlateRead",
    "Point",
    "Policy",
    "Rect",
    "Redacted",
    "Redactor",
    "RegionGuess",
    "Tracker",
    "__version__",
    "decode",
    "redact",
]

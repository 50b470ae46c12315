"""What Python adds to a frame: `Engine.read` beside the library alone, by turns in one process, on one thread.

    python crates/platewarden-python/benches/overhead.py [--rounds N] [--gate PERCENT] [PICTURE ...]

Both read the same pixels with the same engine; the median over all rounds counts, and the difference is that of the medians.
With `--gate` a median above that many percent, three times in a row, ends with status 1.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import platewarden

DATA = Path(__file__).resolve().parents[3] / "fixtures" / "data"


def measure(engine: platewarden.Engine, frame: np.ndarray, rounds: int) -> tuple[float, float]:
    """Milliseconds a frame: of the library alone, and of the call from Python."""
    alone, called = [], []
    for index in range(rounds + rounds // 10):
        # Which comes first changes, so that neither finds the caches always warmer.
        for first in (index % 2 == 0, index % 2 == 1):
            if first:
                alone.append(engine._native.seconds_without_python(frame, "rgb"))
            else:
                start = time.perf_counter()
                engine.read(frame, color="rgb")
                called.append(time.perf_counter() - start)
    warm = rounds // 10
    return 1000 * statistics.median(alone[warm:]), 1000 * statistics.median(called[warm:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--gate", type=float, metavar="PERCENT")
    default = [DATA / "two_1280x720.jpg", DATA / "street_640x480.jpg", DATA / "empty_800x600.jpg"]
    parser.add_argument("pictures", nargs="*", type=Path, default=default)
    arguments = parser.parse_args()
    engine = platewarden.Engine(backend=arguments.backend)
    engine.warm_up()
    print(f"{engine.backend.backend} {engine.backend.version or ''}".strip())
    print("| picture | plates | Rust, ms | from Python, ms | more |\n|---|---|---|---|---|")
    failed = False
    for path in arguments.pictures:
        frame = platewarden.decode(path.read_bytes())
        plates = len(engine.read(frame, color="rgb"))
        for _ in range(3):
            alone, called = measure(engine, frame, arguments.rounds)
            more = 100 * (called / alone - 1)
            within = arguments.gate is None or more <= arguments.gate
            if within:
                break
        print(f"| {path.name} | {plates} | {alone:.3f} | {called:.3f} | {more:+.1f} % |")
        failed |= not within
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

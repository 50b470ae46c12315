"""How many pictures a second one worker and two read on this machine:

    python benches/fleet.py [--pictures 600]

Pictures are one generated street of 1280x720 with other bytes behind its end, so that each is a content of its own. A rate is that of
the parts after each worker's first, for loading networks is done once, however large the archive. By turns, three rounds, medians.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from pathlib import Path

import ray

from platewarden.ray import Progress, read_files

PICTURE = Path(__file__).resolve().parents[3] / "fixtures" / "data" / "two_1280x720.jpg"
TOGETHER = 16


def rate(archive: Path, workers: int) -> tuple[float, float]:
    """Pictures a second once all workers read, and over the whole run."""
    told: list[tuple[float, int]] = []

    def note(progress: Progress) -> None:
        told.append((progress.seconds, progress.frames))

    with tempfile.TemporaryDirectory() as out:
        began = time.monotonic()
        summary = read_files(archive, Path(out) / "out", workers=workers, files_together=TOGETHER, progress=note)
        whole = summary.frames / (time.monotonic() - began)
    # The last parts are left out, too: there one of two workers has nothing to do.
    first, last = told[2 * workers], told[-2]
    return (last[1] - first[1]) / (last[0] - first[0]), whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    ray.init("local", num_cpus=2, log_to_driver=False, logging_level=logging.ERROR, object_store_memory=200 << 20)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder)
        data = PICTURE.read_bytes()
        for number in range(given.pictures):
            (archive / f"{number:05}.jpg").write_bytes(data + number.to_bytes(4, "big"))
        rates: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        for _ in range(given.rounds):
            for workers, found in rates.items():
                found.append(rate(archive, workers))
    print("| workers | pictures a second | with start and hashing |\n|---:|---:|---:|")
    for workers, found in rates.items():
        print(f"| {workers} | {statistics.median(r for r, _ in found):.1f} | {statistics.median(w for _, w in found):.1f} |")
    ratios = [two[0] / one[0] for one, two in zip(rates[1], rates[2], strict=True)]
    print(f"\ntwo workers read {statistics.median(ratios):.2f} times as many as one")


if __name__ == "__main__":
    main()

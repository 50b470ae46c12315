"""``python -m platewarden.ray``: an archive of pictures and videos read on a Ray cluster."""

from __future__ import annotations

import argparse
import json
import sys

from ray.exceptions import RayError

from .. import Error, __version__
from . import export, read_files
from ._run import connect, print_progress


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m platewarden.ray",
        description="Reads pictures and videos on a Ray cluster into Parquet, each content once.",
        epilog="The results hold plate reads outside of the store's protection: import them, then delete them.",
    )
    parser.add_argument("--version", action="version", version=f"platewarden {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read", help="read files; what was read before is skipped")
    read.add_argument("paths", nargs="+", metavar="PATH", help="files, folders and glob patterns, the same names on every machine")
    read.add_argument("--out", required=True, metavar="DIR", help="folder of the results, seen by every machine")
    read.add_argument("--address", metavar="HOST:PORT", help="a running cluster (auto: the one of this machine); without it, this machine alone")
    read.add_argument("--workers", type=int, metavar="N", help="processes that read (as many as there are processors)")
    read.add_argument("--cpus", type=int, default=1, metavar="N", help="processors of each (1)")
    read.add_argument("--files-together", type=int, default=64, metavar="N", help="pictures in one part (64)")
    read.add_argument("--max-fps", type=float, metavar="N", help="frames of a video read a second at most (all)")
    read.add_argument("--zone", metavar="NAME", help="time zone of pictures whose EXIF names none, such as Europe/Berlin")
    camera = read.add_mutually_exclusive_group()
    camera.add_argument("--camera", metavar="NAME", help="the camera of all files")
    camera.add_argument("--camera-from-folder", action="store_true", help="the folder that a file lies in names its camera")
    read.add_argument("--engine", type=json.loads, default={}, metavar="JSON", help="options of platewarden.Engine, as a JSON object")
    read.add_argument("--tracker", type=json.loads, default={}, metavar="JSON", help="options of platewarden.Tracker, as a JSON object")
    read.add_argument("--retry-failed", action="store_true", help="try what could not be read before again")
    read.add_argument("--quiet", action="store_true", help="no progress")
    told = commands.add_parser("export", help="print the results as JSON lines for `platewarden store import`")
    told.add_argument("out", metavar="DIR", help="folder of the results")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; 0 all well, 1 something failed or some files cannot be read, 2 wrong usage."""
    given = _parser().parse_args(arguments)
    try:
        if given.command == "export":
            export(given.out, sys.stdout)
            return 0
        return _read(given)
    except Error as error:
        print(f"error: {error}", file=sys.stderr)
    except (RayError, ConnectionError) as error:
        print(f"error: the cluster failed: {error}; what is done is kept: start the run again", file=sys.stderr)
    return 1


def _read(given: argparse.Namespace) -> int:
    if given.address:
        connect(given.address)
    summary = read_files(
        given.paths,
        given.out,
        workers=given.workers,
        num_cpus=given.cpus,
        files_together=given.files_together,
        engine=given.engine,
        tracker=given.tracker,
        max_fps=given.max_fps,
        zone=given.zone,
        camera=given.camera,
        camera_from_folder=given.camera_from_folder,
        retry_failed=given.retry_failed,
        progress=None if given.quiet else print_progress,
    )
    if not given.quiet:
        print(file=sys.stderr)
    print(summary)
    for failed in summary.failed + summary.left:
        print(f"  {failed.path}: {failed.reason}", file=sys.stderr)
    return 1 if summary.failed or summary.left else 0


if __name__ == "__main__":
    sys.exit(main())

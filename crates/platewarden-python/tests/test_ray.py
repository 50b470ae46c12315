"""Archives read on a cluster of two nodes on this machine: nothing lost, nothing twice, whatever dies."""

from __future__ import annotations

import atexit
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import DATA, TWO

import platewarden

pytest.importorskip("ray", reason="the extra `ray` is not installed")
pytest.importorskip("av", reason="the extra `ray` is not installed")

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
# Ray keeps what its processes said; here it goes with the tests. The names of its sockets must be short.
os.environ["RAY_TMPDIR"] = SESSIONS = tempfile.mkdtemp(prefix="pw")
atexit.register(shutil.rmtree, SESSIONS, ignore_errors=True)

import av  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import ray  # noqa: E402
from PIL import Image  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

from platewarden.ray import SCHEMA, Progress, export, find_files, read_files, rows  # noqa: E402
from platewarden.ray._attempts import Attempts  # noqa: E402
from platewarden.ray._parts import Results, clear_leftovers, keep_to_owner  # noqa: E402
from platewarden.ray._reader import FileReader  # noqa: E402
from platewarden.ray._times import picture_time, video_time  # noqa: E402
from platewarden.ray._units import Reading, Unit, digest_of  # noqa: E402
from platewarden.ray._video import Video  # noqa: E402

PICTURE = (DATA / "street_640x480.jpg").read_bytes()
COUNT = 24


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A head that reads nothing and one node that does."""
    memory = 100 * 1024 * 1024
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": memory, "resources": {"head": 1}})
    cluster.add_node(num_cpus=1, object_store_memory=memory)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of different content (what follows a JPEG's end is not looked at), one of them under two names, and a broken one."""
    folder = tmp_path_factory.mktemp("archive") / "gate"
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"{number:03}.jpg").write_bytes(PICTURE + number.to_bytes(4, "big"))
    shutil.copy(folder / "007.jpg", folder / "copy of 007.jpg")
    (folder / "broken.jpg").write_bytes(b"this is no picture")
    (folder / "notes.txt").write_text("neither is this")
    return folder


@pytest.fixture(scope="module")
def undisturbed(cluster: Cluster, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    summary = read_files(archive, out, workers=2, files_together=3)
    assert (summary.files, summary.contents, summary.skipped, summary.read) == (COUNT + 2, COUNT + 1, 0, COUNT + 1)
    assert [Path(failed.path).name for failed in summary.failed] == ["broken.jpg"]
    assert "no image" in summary.failed[0].reason
    assert not summary.left
    return in_order(out)


def in_order(out: Path) -> list[dict[str, Any]]:
    return sorted(rows(out), key=lambda row: (row["unit"], row["text"]))


def workers() -> list[int]:
    """Processes of this test's own cluster that read, by the name that Ray gives them; others' on this machine are let be."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if line.startswith(b"ray::MapWorker(MapBatches(FileReader))") and is_ours(int(entry.name)):
            found.append(int(entry.name))
    return found


def is_ours(process: int) -> bool:
    """Whether a process descends from this one: a node starts its workers, and this process started the nodes."""
    while process > 1:
        if process == os.getpid():
            return True
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            return False
        process = int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])
    return False


class Once:
    """Does something after so many parts."""

    def __init__(self, after: int, action: Any) -> None:
        self.after, self.action, self.done = after, action, False

    def __call__(self, progress: Progress) -> None:
        if progress.done >= self.after and not self.done:
            self.done = True
            self.action()


def test_rows_are_those_of_the_engine(undisturbed: list[dict[str, Any]], engine: platewarden.Engine) -> None:
    reads = engine.read_bytes(PICTURE)
    assert len(undisturbed) == COUNT * len(reads)
    row, read = undisturbed[0], reads[0]
    assert row["text"] == read.text
    assert row["confidence"] == pytest.approx(read.confidence)
    assert (row["x"], row["width"]) == pytest.approx((read.bounds.x, read.bounds.width))
    assert row["corners"][:2] == pytest.approx(read.corners[0])
    assert [c["text"] for c in row["candidates"]] == [c.text for c in read.candidates]
    assert (row["type"], row["source_start"], row["camera"]) == ("read", None, None)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
def test_a_killed_worker_loses_nothing_and_repeats_nothing(
    cluster: Cluster, archive: Path, undisturbed: list[dict[str, Any]], tmp_path: Path
) -> None:
    def kill() -> None:
        found = workers()
        assert found, "no worker was found"
        os.kill(found[0], signal.SIGKILL)

    once = Once(6, kill)
    summary = read_files(archive, tmp_path / "out", workers=2, files_together=1, progress=once)
    assert once.done
    assert summary.read == COUNT + 1
    assert in_order(tmp_path / "out") == undisturbed


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
def test_a_lost_node_loses_nothing_and_repeats_nothing(
    cluster: Cluster, archive: Path, undisturbed: list[dict[str, Any]], tmp_path: Path
) -> None:
    node = cluster.add_node(num_cpus=1, object_store_memory=100 * 1024 * 1024)
    once = Once(6, lambda: cluster.remove_node(node, allow_graceful=False))
    summary = read_files(archive, tmp_path / "out", workers=3, files_together=1, progress=once)
    assert once.done
    assert summary.read == COUNT + 1
    assert in_order(tmp_path / "out") == undisturbed


def test_what_is_done_is_not_done_again(cluster: Cluster, archive: Path, undisturbed: list[dict[str, Any]], tmp_path: Path) -> None:
    out = tmp_path / "out"
    few = [archive / f"{number:03}.jpg" for number in range(5)]
    assert read_files(few, out).read == 5
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    summary = read_files(archive, out)
    assert (summary.skipped, summary.read) == (5, COUNT - 4)
    assert in_order(out) == undisturbed
    again = read_files(archive, out)
    assert (again.skipped, again.read, again.rows) == (COUNT + 1, 0, 0)
    assert [Path(failed.path).name for failed in again.failed] == ["broken.jpg"]
    assert read_files(archive, out, retry_failed=True).read == 1
    assert in_order(out) == undisturbed
    assert all((out / name).stat().st_mtime_ns == time for name, time in before.items())


def test_other_options_are_other_units(cluster: Cluster, archive: Path, tmp_path: Path) -> None:
    out, one = tmp_path / "out", archive / "000.jpg"
    read_files(one, out)
    summary = read_files(one, out, engine={"max_candidates": 1})
    assert (summary.skipped, summary.read) == (0, 1)
    assert sorted(len(row["candidates"]) > 1 for row in rows(out)) == [False, True]
    with pytest.raises(platewarden.Error) as caught:
        read_files(one, out, engine={"max_candidates": 0})
    assert caught.value.kind == "invalid_option"


def test_results_are_for_their_owner_alone(cluster: Cluster, archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    read_files(archive / "000.jpg", out)
    assert out.stat().st_mode & 0o777 == 0o700
    parts = list(out.iterdir())
    assert [part.stat().st_mode & 0o777 for part in parts] == [0o600]
    assert pq.read_schema(parts[0]).remove_metadata() == SCHEMA


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_folder_that_was_there_is_closed_or_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o755)
    keep_to_owner(out)
    assert out.stat().st_mode & 0o777 == 0o700
    (out / "others").write_text("in use")
    out.chmod(0o755)
    with pytest.warns(RuntimeWarning, match="chmod 700"):
        keep_to_owner(out)
    assert out.stat().st_mode & 0o777 == 0o755


def test_a_vanished_file_is_left_for_the_next_run(cluster: Cluster, archive: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.jpg"
    gone.write_bytes(PICTURE + b"gone")
    once = Once(1, lambda: gone.write_bytes(PICTURE + b"changed"))
    files = [archive / "000.jpg", gone]
    # Whether the change comes before or after its turn, it is never told with what is not in it.
    summary = read_files(files, tmp_path / "out", workers=1, files_together=1, progress=once)
    assert summary.read + len(summary.left) == 2
    summary = read_files(files, tmp_path / "out")
    assert summary.read == 1 and not summary.left


def write_video(path: Path, **metadata: str) -> int:
    """The generated clip as a video of ten frames a second; how many frames it has."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(metadata)
        stream = container.add_stream("mpeg4", rate=10)
        stream.bit_rate = 8_000_000
        frames = [platewarden.decode(name.read_bytes()) for name in sorted((DATA / "clip").glob("*.jpg"))]
        stream.height, stream.width = frames[0].shape[:2]
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return len(frames)


def test_a_video_gives_passes(cluster: Cluster, engine: platewarden.Engine, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_video(path, creation_time="2026-03-01T08:00:00.000000Z")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(path.read_bytes()[:2000])
    summary = read_files([path, cut], tmp_path / "out", camera="gate")
    assert summary.frames == len(list((DATA / "clip").glob("*.jpg")))
    assert [Path(failed.path).name for failed in summary.failed] == ["cut.mp4"]
    tracker = platewarden.Tracker(engine)
    with av.open(str(path)) as container:
        frames = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
    expected = [told for at, frame in frames for told in tracker.read(frame, at, color="rgb")] + tracker.finish()
    found = list(rows(tmp_path / "out"))
    assert [(row["text"], row["first_seen"], row["best_at"], row["reads"]) for row in found] == [
        (told.text, told.first_seen, told.best_at, told.reads) for told in expected
    ]
    assert found and all((row["type"], row["camera"]) == ("pass", "gate") for row in found)
    assert found[0]["source_start"] == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_titles_in_any_encoding_and_unknown_codecs_raise_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    count = write_video(path, title="Tuer am Hof")
    path.write_bytes(path.read_bytes().replace(b"Tuer", b"T\xfcr "))
    video = Video(str(path), 1, None)
    assert (len(list(video.frames())), video.error) == (count, None)
    path = tmp_path / "clip.mkv"
    write_video(path)
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/ASP", b"V_WHOKNOWS/ABCD"))
    video = Video(str(path), 1, None)
    assert not list(video.frames())
    assert "no frames that can be decoded" in (video.error or "")


def test_times_of_two_recordings_in_one_file_go_on(tmp_path: Path) -> None:
    one, two = tmp_path / "one.ts", tmp_path / "two.ts"
    count = write_video(one)
    two.write_bytes(one.read_bytes() * 2)
    times = [at for at, _ in Video(str(two), 1, None).frames()]
    assert len(times) > count + count // 2
    assert times == sorted(times) and times[-1] - times[0] > 1.5 * count / 10
    few = [at for at, _ in Video(str(two), 1, 5.0).frames()]
    assert len(few) == pytest.approx(len(times) / 2, abs=2)


def test_times_are_told_only_where_they_are_known() -> None:
    def picture(**fields: str) -> bytes:
        exif = Image.Exif()
        exif.get_ifd(0x8769).update({int(key[1:], 16): value for key, value in fields.items()})
        data = io.BytesIO()
        Image.new("RGB", (8, 8)).save(data, "JPEG", exif=exif)
        return data.getvalue()

    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    local = picture(x9003="2026:07:01 12:00:00")
    assert picture_time(local, None) is None
    assert picture_time(local, berlin) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    with_offset = picture(x9003="2026:07:01 12:00:00", x9011="+05:30")
    assert picture_time(with_offset, berlin) == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
    assert picture_time(picture(x9003="0000:00:00 00:00:00"), berlin) is None
    assert picture_time(b"no picture", berlin) is None
    assert picture_time(picture(x9003="0001:01:01 00:00:00", x9011="+05:00"), berlin) is None
    assert video_time({"creation_time": "9999-12-31T23:59:59-10:00"}) is None
    assert video_time({"creation_time": "1904-01-01T00:00:00Z"}) is None
    assert video_time({"creation_time": "soon"}) is None


def batch_of(file: Path, reading: Reading) -> dict[str, Any]:
    """What a worker is given to read one picture."""
    file.write_bytes(PICTURE)
    unit = Unit(reading.unit(digest_of(str(file))), digest_of(str(file)), (str(file),))
    return {"units": np.array([json.dumps([unit.to_dict()])], dtype=object)}


def test_workers_use_the_arithmetic_of_the_run_whatever_is_fast_on_them(tmp_path: Path) -> None:
    names, confidences = set(), {}
    for precision in ("fp32", "int8"):
        out, begun = tmp_path / precision, platewarden.Engine(precision=precision)
        reading = Reading.of(begun, {})
        batch = batch_of(tmp_path / "a.jpg", reading)
        FileReader(str(out), json.dumps(asdict(reading)))(batch)
        expected = [read.confidence for read in begun.read_bytes(PICTURE)]
        assert [row["confidence"] for row in rows(out)] == pytest.approx(expected, abs=0, rel=1e-6)
        confidences[precision] = expected
        names |= set(Results(out).done)
    assert confidences["fp32"] != confidences["int8"]
    # A run that goes on where another arithmetic is fast does not begin anew.
    assert len(names) == 1


def test_what_a_dead_worker_had_written_is_not_read_again(engine: platewarden.Engine, tmp_path: Path) -> None:
    file, out = tmp_path / "a.jpg", tmp_path / "out"
    reading = Reading.of(engine, {})
    batch = batch_of(file, reading)
    reader = FileReader(str(out), json.dumps(asdict(reading)))
    first = json.loads(reader(batch)["told"][0])
    file.unlink()
    second = json.loads(reader(batch)["told"][0])
    assert first["done"] == second["done"] and not second["left"]
    assert len(list(out.iterdir())) == 1


def test_leftovers_of_dead_workers_go(tmp_path: Path) -> None:
    name, other = "0" * 32, "1" * 32
    old, young = tmp_path / f".{name}.{other}.partial", tmp_path / f".{other}.{name}.partial"
    note, foreign = tmp_path / f".{name}.attempts", tmp_path / ".download.partial"
    for path in (old, young, note, foreign):
        path.write_text("{}")
    for path in (old, foreign):
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    clear_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, foreign])


@pytest.mark.parametrize(
    "options",
    [
        {"engine": {"nothing": 1}},
        {"tracker": {"nothing": 1}},
        {"zone": "Nowhere/Here"},
        {"max_fps": 0.0},
        {"workers": 0},
        {"num_cpus": -1},
        {"files_together": 0},
    ],
    ids=str,
)
def test_wrong_options_are_errors_before_anything_is_read(options: dict[str, Any], archive: Path, tmp_path: Path) -> None:
    with pytest.raises(platewarden.Error) as caught:
        read_files(archive, tmp_path / "out", **options)
    assert caught.value.kind == "invalid_option"
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_searched_is_told(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lost+found").mkdir()
    shutil.copy(archive / "000.jpg", tmp_path)
    real = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("lost+found"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.warns(RuntimeWarning, match=r"lost\+found cannot be searched"):
        assert find_files(tmp_path) == [str(tmp_path / "000.jpg")]


def test_a_file_that_ends_two_workers_is_left_out(tmp_path: Path) -> None:
    for is_first in (True, False):
        attempts = Attempts(str(tmp_path), "item")
        assert attempts.is_first == is_first
        assert not attempts.is_to_blame("poison")
        attempts.begin("fine")
        attempts.begin("poison")
    attempts = Attempts(str(tmp_path), "item")
    assert attempts.is_to_blame("poison") and not attempts.is_to_blame("fine")
    attempts.end()
    assert not list(tmp_path.iterdir())


def test_paths_that_name_nothing_are_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / "*.jpg"):
        with pytest.raises(platewarden.Error) as caught:
            find_files(path)
        assert caught.value.kind == "io"
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(platewarden.Error, match="no picture and no video"):
        find_files(tmp_path / "notes.txt")


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    (tmp_path / "0.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(platewarden.Error, match=r"0\.parquet is no part"):
        Results(tmp_path)


def test_the_command_reads_and_says_what_it_left(archive: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "platewarden.ray"]
    files = [str(archive / "000.jpg"), str(archive / "broken.jpg"), str(TWO)]
    run = subprocess.run([*command, "read", *files, "--out", "out", "--workers", "1"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    assert "3 files, 3 different: 0 read before, 3 read now with 2 frames and 3 rows" in run.stdout
    assert "broken.jpg: bytes are no image" in run.stderr
    told = subprocess.run([*command, "export", "out"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert len(told.stdout.splitlines()) == 3
    # Ray's own chatter would bury what is told here.
    assert "INFO" not in run.stderr


@pytest.mark.skipif(not os.environ.get("PLATEWARDEN_CLI"), reason="PLATEWARDEN_CLI names no program")
def test_the_store_takes_what_is_exported(cluster: Cluster, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    for minute in range(3):
        exif = Image.Exif()
        taken = (began + timedelta(minutes=minute)).strftime("%Y:%m:%d %H:%M:%S")
        exif.get_ifd(0x8769).update({0x9003: taken, 0x9011: "+00:00"})
        Image.open(io.BytesIO(PICTURE)).save(archive / f"{minute}.jpg", quality=95, exif=exif)
    (archive / "untimed.jpg").write_bytes(PICTURE)
    summary = read_files(archive, tmp_path / "out", camera="gate")
    with open(tmp_path / "reads.jsonl", "w", encoding="utf-8") as file:
        assert export(tmp_path / "out", file) == summary.rows == 4

    def platewarden_store(*arguments: str) -> str:
        command = [os.environ["PLATEWARDEN_CLI"], "store", *arguments]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return run.stdout + run.stderr

    platewarden_store("init", "reads", "--dataset", "lot", "--owner", "harbour", "--in", "US-TX")
    into = ("import", "reads", "reads.jsonl", "--dataset", "lot")
    # The read without a time is refused and named, until somebody says when it was.
    told = platewarden_store(*into)
    assert "4 lines, 3 reads written" in told and "--start" in told, told
    told = platewarden_store(*into, "--start", (began - timedelta(hours=1)).isoformat())
    assert "4 lines, 1 reads written, 3 there already" in told, told

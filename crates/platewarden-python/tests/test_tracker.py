"""One pass for each vehicle."""

from __future__ import annotations

import json

import numpy as np
import pytest

import platewarden
from conftest import DATA


@pytest.fixture(scope="module")
def clip():
    return [platewarden.decode(path.read_bytes()) for path in sorted((DATA / "clip").glob("*.jpg"))]


def run(engine, clip, **options):
    tracker = platewarden.Tracker(engine, **options)
    passes = []
    for index, frame in enumerate(clip):
        passes += tracker.read(frame, index / 12.5, color="rgb")
    return tracker, passes + tracker.finish()


def test_a_clip_has_one_pass_for_each_vehicle(engine, clip):
    tracker, passes = run(engine, clip)
    assert len(passes) == 2 and "42TKF7" in {one.text for one in passes}
    for one in passes:
        assert one.kind == "passed" and one.confidence > 0.5 and one.reads >= 2
        assert 0 <= one.first_seen <= one.best_at <= one.last_seen < len(clip) / 12.5
        assert one.evidence.dtype == np.uint8 and one.evidence.ndim == 3 and one.evidence.shape[2] == 3
        assert one.candidates[0].text == one.text
    assert tracker.statistics["frames"] == len(clip) and tracker.statistics["passes"] == 2


def test_a_pass_is_a_plain_dictionary(engine, clip):
    _, passes = run(engine, clip, evidence_margin=None, lines=[("gate", (0, 200), (640, 200))])
    assert all(one.evidence is None for one in passes)
    data = passes[0].to_dict()
    assert json.loads(json.dumps(data)) == data and "evidence" not in data
    assert data["bounds"].keys() == {"x", "y", "width", "height"}


@pytest.mark.parametrize(
    "options",
    [
        {"min_agreeing_reads": 0},
        {"merge_window": -1.0},
        {"merge_window": float("inf")},
        {"zones": [("yard", [(0, 0), (1, 1)])]},
        {"lines": [("gate", (5, 5), (5, 5))]},
        {"lines": ["gate"]},
    ],
)
def test_wrong_options_are_refused(engine, options):
    with pytest.raises(platewarden.Error) as caught:
        platewarden.Tracker(engine, **options)
    assert caught.value.kind == "invalid_option"


def test_a_wrong_frame_or_time_leaves_the_tracker_usable(engine, clip):
    tracker = platewarden.Tracker(engine)
    for frame, at in [(clip[0].astype(float), 0.0), (clip[0], -1.0), (clip[0], float("nan"))]:
        with pytest.raises(platewarden.Error):
            tracker.read(frame, at, color="rgb")
    assert tracker.read(clip[0], 0.0, color="rgb") == []
    assert tracker.statistics["frames"] == 1

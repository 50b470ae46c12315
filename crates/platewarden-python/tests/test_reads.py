"""Pictures in, reads out."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest

import platewarden
from conftest import DATA, TWO


def texts(reads):
    return sorted(read.text for read in reads)


def test_texts_are_those_in_the_pictures(engine, scenes):
    for scene in scenes:
        if scene["file"].startswith(("turned", "badge")):
            continue
        expected = sorted(plate["text"] for plate in scene["plates"])
        assert texts(engine.read_file(DATA / scene["file"])) == expected, scene["file"]


def test_pictures_on_their_side_are_read_where_that_is_asked_for(scenes):
    scene = next(scene for scene in scenes if scene["file"].startswith("turned"))
    engine = platewarden.Engine(turned=True)
    assert texts(engine.read_file(DATA / scene["file"])) == sorted(plate["text"] for plate in scene["plates"])


def test_file_bytes_and_pixels_give_the_same(engine, street):
    by_file = engine.read_file(TWO)
    assert by_file == engine.read_file(str(TWO)) == engine.read_bytes(TWO.read_bytes())
    assert by_file == engine.read_bytes(bytearray(TWO.read_bytes()))
    assert by_file == engine.read(street, color="rgb")


def test_a_read_says_where_and_how_sure(engine, street):
    read = next(read for read in engine.read(street, color="rgb") if read.text == "42TKF7")
    assert read.confidence > 0.5 and read.detection_score > 0.5
    assert "".join(character.symbol for character in read.characters) == read.text
    assert read.candidates[0].text == read.text
    left, top, right, bottom = read.bounds.xyxy
    assert 0 < left < right < 1280 and 0 < top < bottom < 720
    assert all(left - 2 < corner.x < right + 2 and top - 2 < corner.y < bottom + 2 for corner in read.corners)


def test_dictionaries_are_plain(engine, street):
    read = engine.read(street, color="rgb")[0]
    data = read.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert set(data["bounds"]) == {"x", "y", "width", "height"}
    assert len(data["corners"]) == 4 and set(data["corners"][0]) == {"x", "y"}
    assert pickle.loads(pickle.dumps(read)) == read == platewarden.PlateRead.from_dict(data)
    assert read.text in repr(read)
    with pytest.raises(platewarden.Error) as caught:
        platewarden.PlateRead.from_dict({"text": 7})
    assert caught.value.kind == "json"


def test_attributes_and_dictionaries_say_the_same(engine, street):
    read = engine.read(street, color="rgb")[0]
    data = read.to_dict()
    for name in ("text", "raw_text", "display", "confidence", "lines", "unknown_signs", "touches_edge", "detection_score"):
        assert getattr(read, name) == data[name], name
    assert read.bounds._asdict() == data["bounds"]
    assert [corner._asdict() for corner in read.corners] == data["corners"]
    assert [(one.text, one.confidence) for one in read.candidates] == [
        (one["text"], one["confidence"]) for one in data["candidates"]
    ]
    assert [(one.symbol, one.confidence, len(one.alternatives)) for one in read.characters] == [
        (one["symbol"], one["confidence"], len(one["alternatives"])) for one in data["characters"]
    ]
    assert (read.region is None) == (data["region"] is None)
    assert read.region is None or read.region._asdict() == data["region"]


@pytest.mark.skipif("PLATEWARDEN_CLI" not in os.environ, reason="PLATEWARDEN_CLI names the Rust program to compare with")
def test_dictionaries_are_those_of_the_program(engine, scenes):
    """On the same library and in the same arithmetic every digit is the same."""
    environment = {**os.environ, "PLATEWARDEN_ORT": str(engine.backend.library)}
    files = [str(DATA / scene["file"]) for scene in scenes]
    command = [os.environ["PLATEWARDEN_CLI"], "read", "--precision", engine.precision, *files]
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    assert len(lines) == len(scenes)
    for line in lines:
        assert [read.to_dict() for read in engine.read_file(line["source"])] == line["plates"], line["source"]


def test_a_batch_keeps_order_and_survives_its_worst_frame(engine, street):
    empty = platewarden.decode((DATA / "empty_800x600.jpg").read_bytes())
    results = engine.read_batch([street, street.astype(np.float32), empty, street[::2], street], color="rgb")
    assert len(results) == 5
    assert results[0] == results[4] == engine.read(street, color="rgb")
    assert isinstance(results[1], platewarden.Error) and results[1].kind == "frame_type"
    assert results[2] == []
    assert engine.read_batch([]) == []
    assert engine.read_batch((frame for frame in [street]), color="rgb") == [results[0]]


def test_plates_are_found_without_reading_and_straightened(engine, street):
    found = engine.detect(street, color="rgb")
    assert len(found) == 2 and found[0].score >= found[1].score
    assert json.loads(json.dumps(found[0].to_dict())) == found[0].to_dict()
    flat = engine.rectify(street, found[0], height=48, color="rgb")
    assert flat.dtype == np.uint8 and flat.shape[0] == 48 and flat.shape[1] > 48 and flat.shape[2] == 3
    mirrored = engine.rectify(street[..., ::-1], found[0], height=48, color="bgr")
    assert np.array_equal(flat, mirrored)
    assert np.array_equal(flat, engine.rectify(street, found[0].corners, height=48, color="rgb"))
    point = platewarden.Point(1, 1)
    for plate, height, kind in [
        ([point] * 4, 48, "corners"),
        ([point] * 3, 48, "corners"),
        ([platewarden.Point(float("nan"), 1)] * 4, 48, "corners"),
        (found[0], 0, "empty"),
        (found[0], -5, "empty"),
        (found[0], 10**30, "frame_too_large"),
    ]:
        with pytest.raises(platewarden.Error) as caught:
            engine.rectify(street, plate, height=height, color="rgb")
        assert caught.value.kind == kind


def test_options_reach_the_engine(street):
    unsure = platewarden.Engine(
        region_of_interest=[[(0, 0), (0.01, 0), (0.01, 0.01)]],
        expected_regions=["DE", "US-CA"],
        threads=1,
        tiling=32,
        min_plate_size=(10, 3),
        models=None,
    )
    assert unsure.read(street, color="rgb") == []
    single = platewarden.Engine(max_plates=1, max_candidates=2, second_look=False)
    reads = single.read(street, color="rgb")
    assert len(reads) == 1 and len(reads[0].candidates) <= 2


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"min_confidence": 2.0}, "min_confidence"),
        ({"min_confidence": float("nan")}, "option"),
        ({"min_confidence": "much"}, "much"),
        ({"max_candidates": 0}, "max_candidates"),
        ({"max_plates": -1}, "-1"),
        ({"backend": "gpu"}, "gpu"),
        ({"expected_regions": ["Germany"]}, "Germany"),
        ({"region_of_interest": [[(0, 0), (1, 1)]]}, "polygon"),
        ({"threads": object()}, "object"),
        ({"syntax": "\ud800"}, "option"),
    ],
)
def test_wrong_options_are_named(options, word):
    with pytest.raises(platewarden.Error) as caught:
        platewarden.Engine(**options)
    assert caught.value.kind == "invalid_option" and caught.value.remedy
    assert word.lower() in str(caught.value).lower()


def test_unknown_options_are_refused_by_python():
    with pytest.raises(TypeError):
        platewarden.Engine(confidence=0.5)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "unknown_image_format"),
        (b"no picture", "unknown_image_format"),
        (TWO.read_bytes()[:2000], "decode"),
    ],
)
def test_bytes_that_are_no_picture(engine, data, kind):
    for attempt in (engine.read_bytes, platewarden.decode):
        with pytest.raises(platewarden.Error) as caught:
            attempt(data)
        assert caught.value.kind == kind


def test_errors_say_what_and_what_to_do(engine):
    missing = Path("no/such/picture.jpg")
    with pytest.raises(platewarden.Error) as caught:
        engine.read_file(missing)
    error = caught.value
    assert error.kind == "io" and error.path == missing
    assert "no/such/picture.jpg" in error.context and error.remedy
    assert str(error) == f"{error.context}; {error.remedy}"
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.kind, copy.context, copy.remedy, copy.path) == (error.kind, error.context, error.remedy, error.path)

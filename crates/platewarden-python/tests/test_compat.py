"""The interface of FastALPR."""

from __future__ import annotations

import dataclasses
import inspect
import statistics

import numpy as np
import pytest

import platewarden
from conftest import DATA, TWO
from platewarden.compat.fast_alpr import (
    ALPR,
    ALPRResult,
    BoundingBox,
    DetectionResult,
    DrawPredictionsResult,
    OcrResult,
)


@pytest.fixture(scope="module")
def alpr(engine):
    return ALPR(engine=engine)


@pytest.fixture(scope="module")
def bgr(street):
    return np.ascontiguousarray(street[..., ::-1])


def test_results_have_fast_alpr_s_shape(alpr, bgr):
    results = alpr.predict(bgr)
    assert sorted(result.ocr.text for result in results) == ["42TKF7", "WE2907R"]
    for result in results:
        assert isinstance(result, ALPRResult) and isinstance(result.detection, DetectionResult)
        assert result.detection.label == "License Plate" and 0 < result.detection.confidence <= 1
        box = result.detection.bounding_box
        assert isinstance(box, BoundingBox) and all(type(edge) is int for edge in box.xyxy)
        assert 0 <= box.x1 < box.x2 <= 1280 and 0 <= box.y1 < box.y2 <= 720
        assert isinstance(result.ocr, OcrResult) and len(result.ocr.confidence) == len(result.ocr.text)
        assert 0 < statistics.mean(result.ocr.confidence) <= 1
        # As callers cut plates out.
        assert bgr[box.y1 : box.y2, box.x1 : box.x2].size
        assert result.read.text == result.ocr.text
    names = {field.name for field in dataclasses.fields(OcrResult)}
    assert {"text", "confidence", "region", "region_confidence"} <= names


def test_paths_are_read_and_wrong_ones_are_value_errors(alpr, bgr, tmp_path):
    assert alpr.predict(str(TWO)) == alpr.predict(bgr)
    assert alpr.predict(str(DATA / "empty_800x600.jpg")) == []
    (tmp_path / "no.jpg").write_text("no picture")
    for path in ("missing.jpg", str(tmp_path / "no.jpg")):
        with pytest.raises(ValueError, match="Failed to load image"):
            alpr.predict(path)


def test_fast_alpr_s_arguments_are_taken_and_said_to_choose_nothing(engine):
    with pytest.warns(UserWarning, match="detector_model, ocr_model"):
        ALPR(detector_model="yolo-v9-t-384-license-plate-end2end", ocr_model="cct-xs-v2-global-model", engine=engine)
    with pytest.warns(UserWarning, match="ocr_device"):
        ALPR(ocr_device="cuda", engine=engine)
    with pytest.raises(platewarden.Error) as caught:
        ALPR(detector=object())
    assert caught.value.kind == "unsupported"
    assert ALPR(detector_conf_thresh=0.999999).predict(str(DATA / "night_1280x720.jpg")) == []


def test_predictions_are_drawn_in_place(alpr, bgr):
    pytest.importorskip("cv2")
    frame = bgr.copy()
    drawn = alpr.draw_predictions(frame)
    assert drawn.image is frame and len(drawn.results) == 2
    box = drawn.results[0].detection.bounding_box
    assert frame[box.y1, (box.x1 + box.x2) // 2].tolist() == [36, 255, 12]
    assert alpr.draw_predictions(str(TWO)).image.shape == bgr.shape


def test_without_opencv_drawing_says_so(alpr, bgr, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cv2", None)
    with pytest.raises(platewarden.Error) as caught:
        alpr.draw_predictions(bgr.copy())
    assert caught.value.kind == "missing_package" and "pip install" in caught.value.remedy


def test_boxes_have_fast_alpr_s_properties():
    box = BoundingBox(10, 20, 40, 30)
    assert (box.width, box.height, box.area, box.center) == (30, 10, 300, (25.0, 25.0))
    assert box.to_xywh() == (10, 20, 30, 10) and box.to_cxcywh() == (25.0, 25.0, 30.0, 10.0)
    assert box.aspect_ratio == 3.0 and not box.is_empty and BoundingBox(1, 1, 1, 5).is_empty
    left, top, right, bottom = box
    assert (left, top, right, bottom) == box.xyxy and np.zeros((50, 50))[box.as_slices()].shape == (10, 30)
    assert box.contains_point(40, 30) and not box.contains_point(41, 25)
    other = BoundingBox(25, 20, 55, 30)
    assert box.intersection(other) == BoundingBox(25, 20, 40, 30) and box.iou(other) == 150 / 450
    assert box.intersection(BoundingBox(40, 20, 50, 30)) is None and box.iou(BoundingBox(40, 20, 50, 30)) == 0.0


def test_names_are_those_of_fast_alpr_itself():
    """Where it is installed; in the order in which it takes them."""
    theirs = pytest.importorskip("fast_alpr")
    ours = list(inspect.signature(ALPR.__init__).parameters)
    names = list(inspect.signature(theirs.ALPR.__init__).parameters)
    assert ours[: len(names)] == names
    for method in ("predict", "draw_predictions"):
        assert list(inspect.signature(getattr(ALPR, method)).parameters) == ["self", "frame"]
        assert list(inspect.signature(getattr(theirs.ALPR, method)).parameters) == ["self", "frame"]
    for own, other in [
        (ALPRResult, theirs.ALPRResult),
        (DetectionResult, theirs.DetectionResult),
        (OcrResult, theirs.OcrResult),
        (DrawPredictionsResult, theirs.DrawPredictionsResult),
    ]:
        fields = [field.name for field in dataclasses.fields(other)]
        assert [field.name for field in dataclasses.fields(own)][: len(fields)] == fields

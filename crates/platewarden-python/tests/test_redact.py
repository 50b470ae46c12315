"""Plates made unreadable."""

from __future__ import annotations

import numpy as np
import pytest

import platewarden


@pytest.fixture(scope="module")
def redactor():
    return platewarden.Redactor()


def test_no_plate_can_be_read_afterwards(engine, redactor, street):
    before = street.copy()
    redacted = redactor.redact(street, color="rgb")
    assert np.array_equal(street, before), "the frame itself is left alone"
    assert redacted.frame.shape == street.shape and redacted.frame.flags.writeable
    assert not [read for read in engine.read(redacted.frame, color="rgb") if read.text]
    changed = np.argwhere((redacted.frame != street).any(axis=2))
    inside = np.zeros(street.shape[:2], bool)
    for area in redacted.areas:
        left, top, right, bottom = (int(round(edge)) for edge in area.xyxy)
        inside[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
    assert len(changed) and all(inside[y, x] for y, x in changed), "nothing else was touched"


def test_one_plate_may_stay(engine, redactor, street):
    redacted = redactor.redact(street, color="rgb", keep=["42TKF7"])
    assert [read.text for read in engine.read(redacted.frame, color="rgb") if read.text] == ["42TKF7"]
    assert np.array_equal(redactor.redact(street, color="rgb", keep="42TKF7").frame, redacted.frame)
    strict = redactor.redact(street, color="rgb", keep=["42TKF7"], keep_confidence=1.0)
    assert not [read for read in engine.read(strict.frame, color="rgb") if read.text]


def test_colours_follow_the_frame(street):
    red = platewarden.Redactor(fill=(255, 0, 0))
    as_rgb = red.redact(street, color="rgb")
    as_bgr = red.redact(np.ascontiguousarray(street[..., ::-1]), color="bgr")
    assert np.array_equal(as_rgb.frame, as_bgr.frame[..., ::-1])
    x, y, width, height = (as_rgb.areas[0].x, as_rgb.areas[0].y, as_rgb.areas[0].width, as_rgb.areas[0].height)
    assert as_rgb.frame[int(y + height / 2), int(x + width / 2)].tolist() == [255, 0, 0]


def test_grey_and_cut_outs_are_redacted(redactor, street):
    grey = redactor.redact(street[..., 1])
    assert grey.frame.shape == street.shape[:2] and len(grey.areas) >= 2
    part = street[200:, 100:]
    copy = redactor.redact(part.copy(), color="rgb")
    assert np.array_equal(redactor.redact(part, color="rgb").frame, copy.frame)


def test_the_function_does_the_same(redactor, street):
    assert np.array_equal(platewarden.redact(street, color="rgb"), redactor.redact(street, color="rgb").frame)


@pytest.mark.parametrize("options", [{"min_score": 2.0}, {"style": "sticker"}, {"fill": (300, 0, 0)}, {"colour": 1}])
def test_wrong_options_are_refused(options):
    with pytest.raises(platewarden.Error) as caught:
        platewarden.Redactor(**options)
    assert caught.value.kind == "invalid_option"

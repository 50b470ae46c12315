"""Which arrays are frames, and how their memory is read."""

from __future__ import annotations

import mmap

import numpy as np
import pytest

import platewarden


def padded(picture, extra):
    """The same pixels with `extra` pixels of another colour behind each row."""
    height, width = picture.shape[:2]
    wide = np.full((height, width + extra, *picture.shape[2:]), 77, np.uint8)
    wide[:, :width] = picture
    return wide[:, :width]


def test_the_order_of_colours_is_said(engine, street):
    by_rgb = engine.read(street, color="rgb")
    swapped = np.ascontiguousarray(street[..., ::-1])
    assert engine.read(swapped, color="bgr") == by_rgb
    for color in (None, "RGB", "gray", ""):
        with pytest.raises(platewarden.Error) as caught:
            engine.read(street, color=color)
        assert caught.value.kind == "color_order" and "bgr" in caught.value.remedy


def test_grey_needs_no_order(engine, street):
    grey = np.ascontiguousarray(street[..., 1])
    reads = engine.read(grey)
    assert {read.text for read in reads} == {"42TKF7", "WE2907R"}
    assert engine.read(grey[..., np.newaxis]) == engine.read(grey, color="bgr") == reads


@pytest.mark.parametrize("extra", [1, 3, 64])
def test_padded_rows_are_read_where_they_lie(engine, street, extra):
    assert engine.read(padded(street, extra), color="rgb") == engine.read(street, color="rgb")
    grey = np.ascontiguousarray(street[..., 1])
    assert engine.read(padded(grey, extra)) == engine.read(grey)


def test_cut_outs_are_read_like_copies(engine, street):
    height, width = street.shape[:2]
    # The last ones end with the array's last byte, beyond which nothing may be touched.
    for rows, columns in [
        (slice(0, 400), slice(0, 700)),
        (slice(101, 655), slice(33, 1207)),
        (slice(300, height), slice(600, width)),
        (slice(height - 1, height), slice(width - 1, width)),
        (slice(0, height), slice(width - 1, width)),
        (slice(height - 1, height), slice(0, width)),
    ]:
        part = street[rows, columns]
        assert engine.read(part, color="rgb") == engine.read(part.copy(), color="rgb"), (rows, columns)


def test_a_cut_out_at_the_end_of_mapped_memory_is_read(engine):
    """One byte too far would end the process: the pages behind the array are not mapped."""
    height, width = 64, mmap.PAGESIZE // 4
    memory = mmap.mmap(-1, height * width * 3)
    frame = np.frombuffer(memory, np.uint8).reshape(height, width, 3)
    assert engine.read(frame[1:, 7:], color="rgb") == []


@pytest.mark.parametrize(
    "view",
    [
        lambda picture: picture[::-1],
        lambda picture: picture[:, ::-1],
        lambda picture: picture[::2, ::2],
        lambda picture: picture[:, ::3],
        lambda picture: np.asfortranarray(picture),
        lambda picture: picture.transpose(1, 0, 2),
        lambda picture: np.broadcast_to(picture[:1], picture.shape),
    ],
    ids=["up", "mirrored", "half", "thirds", "fortran", "transposed", "broadcast"],
)
def test_other_views_are_copied_and_read_alike(engine, street, view):
    seen = view(street)
    assert engine.read(seen, color="rgb") == engine.read(np.ascontiguousarray(seen), color="rgb")


def test_swapped_channels_of_a_view_are_read_alike(engine, street):
    assert engine.read(street[..., ::-1], color="bgr") == engine.read(street, color="rgb")


def test_whatever_gives_its_bytes_is_a_frame(engine, street):
    assert engine.read(memoryview(street), color="rgb") == engine.read(street, color="rgb")


@pytest.mark.parametrize(
    ("frame", "kind", "word"),
    [
        (np.zeros((48, 64, 3), np.float32), "frame_type", "float32"),
        (np.zeros((48, 64, 3), np.uint16), "frame_type", "uint16"),
        (np.zeros((48, 64, 3), np.int8), "frame_type", "int8"),
        (np.zeros((48, 64), bool), "frame_type", "bool"),
        ([[1, 2], [3, 4]], "frame_type", "list"),
        (None, "frame_type", "NoneType"),
        ("street.jpg", "frame_type", "str"),
        (np.zeros((48, 64, 4), np.uint8), "frame_shape", "transparency"),
        (np.zeros((3, 48, 64), np.uint8), "frame_shape", "transpose"),
        (np.zeros((2, 48, 64, 3), np.uint8), "frame_shape", "read_batch"),
        (np.zeros(64, np.uint8), "frame_shape", "[64]"),
        (np.uint8(7), "frame_type", "array"),
        (np.zeros((0, 64, 3), np.uint8), "empty", "0"),
        (np.zeros((48, 0), np.uint8), "empty", "0"),
        (np.zeros((1, 20_000), np.uint8), "frame_too_large", "20000"),
        (np.broadcast_to(np.uint8(0), (16_000, 16_000, 3)), "frame_too_large", "16000"),
        (np.broadcast_to(np.uint8(0), (2**33, 1)), "frame_shape", str(2**33)),
    ],
)
def test_what_is_no_frame_is_refused(engine, frame, kind, word):
    for call in (engine.read, engine.detect):
        with pytest.raises(platewarden.Error) as caught:
            call(frame, color="rgb")
        assert caught.value.kind == kind and word in str(caught.value)


def test_a_frame_is_free_again_afterwards(engine):
    frame = np.zeros((48, 64, 3), np.uint8)
    engine.read(frame, color="rgb")
    # Refused while anybody holds the memory.
    frame.resize((96, 64, 3), refcheck=False)
    assert frame.shape == (96, 64, 3)

#!/usr/bin/env python3
"""What the detector takes for plates and what is none: crops for the recogniser's `plate` output.

    mine.py DETECTOR.onnx --data ../../../shared/data --out work/mined

Runs the detector over the train scenes at a low threshold. Writes OUT.npz: `negative` (detections that meet no labelled
plate) and `positive` (labelled plates nobody could transcribe, which are plates all the same), as 64 x 128 grey crops with
a wide margin, so that training can shift and scale them.
"""
import argparse
import os
import cv2
import numpy as np
import onnxruntime as ort
from detector_eval import nms, overlap, shape_for
from plates import WIDE, cut
from scenes import read_scenes


def decode(maps, strides=(8, 16, 32)):
    scores, boxes = [], []
    for m, s in zip(maps, strides):
        m = m[0]
        y, x = np.mgrid[:m.shape[1], :m.shape[2]]
        c = np.stack((x, y), -1) * s + s / 2
        r = np.exp(np.clip(m[1:5], -4, 4)).transpose(1, 2, 0) * s
        boxes.append(np.concatenate((c - r[..., :2], c + r[..., 2:]), -1).reshape(-1, 4))
        scores.append(1 / (1 + np.exp(-m[0].reshape(-1))))
    return np.concatenate(scores), np.concatenate(boxes)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("detector")
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--out", required=True)
    ap.add_argument("--threshold", type=float, default=0.06)
    a = ap.parse_args()
    o = ort.SessionOptions()
    o.intra_op_num_threads = 1
    session = ort.InferenceSession(a.detector, o, providers=["CPUExecutionProvider"])
    negative, positive = [], []
    for s in read_scenes(a.data, "train"):
        grey = cv2.cvtColor(s["image"], cv2.COLOR_RGB2GRAY)
        h, w = grey.shape

        def crop(b):
            q = np.array([[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]]], np.float32)
            return cut(grey, q, WIDE)

        for b in s["boxes"]:
            if b[2] - b[0] >= 14:
                positive.append(crop(b))
        # Dash-cam frames hold many small plates nobody labelled: what the detector finds there is mostly right.
        if s["source"] == "romania":
            continue
        found_all = []
        for pixels in (90000, 147456, 300000):
            H, W = shape_for(w, h, pixels)
            k = min(W / w, H / h)
            small = cv2.resize(s["image"], (round(w * k), round(h * k)), interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
            canvas = np.full((H, W, 3), 114, np.uint8)
            canvas[:small.shape[0], :small.shape[1]] = small
            x = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None].astype(np.float32) / 255)
            score, boxes = decode(session.run(None, {"images": x}))
            sel = score > a.threshold
            score, boxes = score[sel], boxes[sel] / k
            keep = nms(boxes, score)
            labelled = np.concatenate((s["boxes"], s["ignore"]))
            for i in keep:
                b = boxes[i]
                if len(labelled):
                    inside = np.minimum(b[2:], labelled[:, 2:]) - np.maximum(b[:2], labelled[:, :2])
                    if (inside > 0).all(1).any() and overlap(b[None], labelled).max() >= 0.1:
                        continue
                if b[2] - b[0] < 16 or score[i] > 0.8 or (found_all and overlap(b[None], np.array(found_all)).max() > 0.7):
                    continue
                found_all.append(b)
                negative.append(crop(b))
    np.savez(a.out + ".npz", negative=np.array(negative, np.uint8), positive=np.array(positive, np.uint8))
    print(f"{len(negative)} detections that are no plate, {len(positive)} plates")


if __name__ == "__main__":
    main()

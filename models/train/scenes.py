"""Labelled scenes in memory."""
import csv
import os
import numpy as np
import cv2

NOT_A_TARGET = {"notplate"}


def read_scenes(data, split, longest=896):
    """-> list of dict(image uint8 RGB, boxes n x 4, corners n x 8, has n, tiny, source, file)."""
    plates = {}
    for r in csv.DictReader(open(os.path.join(data, "plates.csv"), encoding="utf-8")):
        if r["split"] == split:
            plates.setdefault(r["file"], []).append(r)
    out = []
    for r in csv.DictReader(open(os.path.join(data, "scenes.csv"), encoding="utf-8")):
        if r["split"] != split:
            continue
        im = cv2.imread(os.path.join(data, "scenes", r["file"]))
        if im is None:
            raise SystemExit(f"cannot read {r['file']}")
        im = cv2.cvtColor(im, cv2.COLOR_BGR2RGB)
        h, w = im.shape[:2]
        s = min(1.0, longest / max(h, w)) if longest else 1.0
        if s < 1:
            im = cv2.resize(im, (round(w * s), round(h * s)), interpolation=cv2.INTER_AREA)
        boxes, corners, has, ignore = [], [], [], []
        for p in plates.get(r["file"], []):
            b = [float(p[k]) * s for k in ("x1", "y1", "x2", "y2")]
            if NOT_A_TARGET & set(p["flags"].split()):
                ignore.append(b)
                continue
            c = [float(v) * s for v in p["corners"].replace(";", " ").replace(",", " ").split()]
            known = len(c) == 8
            boxes.append(b)
            has.append(known)
            corners.append(c if known else [b[0], b[1], b[2], b[1], b[2], b[3], b[0], b[3]])
        out.append(dict(file=r["file"], source=r["source"], image=im, scale=s,
                        boxes=np.array(boxes, np.float32).reshape(-1, 4), corners=np.array(corners, np.float32).reshape(-1, 8),
                        has=np.array(has, bool), ignore=np.array(ignore, np.float32).reshape(-1, 4)))
    return out


def bounds(corners):
    x, y = corners[:, 0::2], corners[:, 1::2]
    return np.stack((x.min(1), y.min(1), x.max(1), y.max(1)), 1)

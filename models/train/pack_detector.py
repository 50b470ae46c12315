#!/usr/bin/env python3
"""Pack what the detector trains on small enough to travel: train scenes and plate crops as AVIF, with their labels.

    pack_detector.py --data ../../../shared/data --plates ../../../shared/plates --out work/package

Writes OUT/scenes.bin, scenes.json, crops.bin, crops.json; 32 MB for 3,153 scenes and 3,200 crops. The scenes' long side is 640
pixels: the engine shows most of them smaller. Only `train` rows are read.
"""
import argparse
import csv
import io
import json
import os
from functools import partial
from multiprocessing import Pool
import cv2
import numpy as np
from PIL import Image

LONG_SIDE, SCENE_QUALITY, CROP_QUALITY = 640, 41, 48
# Plates one cannot put upright into a scene.
UNFIT = {"rotated", "mirrored", "notplate"}


def encode(im, quality):
    out = io.BytesIO()
    Image.fromarray(im).save(out, "AVIF", quality=quality, speed=8, max_threads=1)
    return out.getvalue()


def scene(data, row):
    """-> the bytes of a scene and its scale."""
    im = cv2.imread(os.path.join(data, "scenes", row["file"]))
    h, w = im.shape[:2]
    s = min(1.0, LONG_SIDE / max(h, w))
    if s < 1:
        im = cv2.resize(im, (round(w * s), round(h * s)), interpolation=cv2.INTER_AREA)
    return encode(im[:, :, ::-1], SCENE_QUALITY), s


def crop(plates, row):
    return encode(cv2.imread(os.path.join(plates, "crops", row["file"]))[:, :, ::-1], CROP_QUALITY)


def grouped(path, keep=lambda r: True):
    out = {}
    for r in csv.DictReader(open(path, encoding="utf-8")):
        if keep(r):
            out.setdefault(r["file"], []).append(r)
    return out


def edges(row):
    return [float(row[k]) for k in ("x1", "y1", "x2", "y2")]


def labels(plates, unlabelled, s):
    """Boxes, corners where known, and places that are neither plate nor background, in pixels of the scaled scene."""
    boxes, corners, has, ignore = [], [], [], [edges(r) for r in unlabelled]
    for p in plates:
        if "notplate" in p["flags"].split():
            ignore.append(edges(p))
            continue
        b = edges(p)
        c = [float(v) for v in p["corners"].replace(";", " ").replace(",", " ").split()]
        boxes.append(b)
        has.append(len(c) == 8)
        corners.append(c if len(c) == 8 else [b[k] for k in (0, 1, 2, 1, 2, 3, 0, 3)])
    scaled = lambda rows: [[round(v * s, 1) for v in r] for r in rows]
    return dict(boxes=scaled(boxes), corners=scaled(corners), has=has, ignore=scaled(ignore))


def write(prefix, rows):
    """`rows`: pairs of a label dict and bytes."""
    index = []
    with open(prefix + ".bin", "wb") as out:
        for row, content in rows:
            index.append(dict(row, at=out.tell(), n=len(content)))
            out.write(content)
        print(f"{prefix}: {len(index)} pictures, {out.tell() / 1e6:.1f} MB", flush=True)
    json.dump(index, open(prefix + ".json", "w"), separators=(",", ":"))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--plates", default="../../../shared/plates")
    ap.add_argument("--out", required=True)
    ap.add_argument("--american", type=int, default=1700, help="plates that fill their crop: their corners are known")
    ap.add_argument("--others", type=int, default=1500)
    ap.add_argument("--processes", type=int, default=2)
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    train = lambda r: r["split"] == "train"
    plates = grouped(os.path.join(a.data, "plates.csv"), train)
    unlabelled = grouped(os.path.join(os.path.dirname(os.path.abspath(__file__)), "unlabelled.csv"))
    rows = [r for r in csv.DictReader(open(os.path.join(a.data, "scenes.csv"), encoding="utf-8")) if train(r)]
    with Pool(a.processes) as pool:
        made = pool.imap(partial(scene, a.data), rows, 8)
        write(os.path.join(a.out, "scenes"), ((dict(file=r["file"], source=r["source"], scale=s, **labels(plates.get(r["file"], []), unlabelled.get(r["file"], []), s)), b)
                                              for r, (b, s) in zip(rows, made)))
        rows = [r for r in csv.DictReader(open(os.path.join(a.plates, "plates.csv"), encoding="utf-8")) if train(r) and not UNFIT & set(r["flags"].split())]
        rng = np.random.default_rng(3)
        american = [r for r in rows if r["source"] == "usstates"]
        others = [r for r in rows if r["source"] not in ("usstates", "openimages3")]
        rows = [american[i] for i in rng.permutation(len(american))[:a.american]] + [others[i] for i in rng.permutation(len(others))[:a.others]]
        write(os.path.join(a.out, "crops"), ((dict(source=r["source"], box=edges(r)), b) for r, b in zip(rows, pool.imap(partial(crop, a.plates), rows, 16))))


if __name__ == "__main__":
    main()

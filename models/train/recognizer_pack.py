#!/usr/bin/env python3
"""Pack all labelled plates into one small file: each with its surroundings, as WebP, with everything that is known of it.

    recognizer_pack.py --data ../../../shared/data --plates ../../../shared/plates --out work/plates.pack

A training machine then needs this file alone. The plate is at most 160 pixels wide, with up to 35 % of its width and 60 % of its
height around it where the photograph holds as much, so that training can cut it as a detector would.
"""
import argparse
import csv
import gzip
import json
import os
import struct
import cv2
import numpy as np

# The plate is known, its text is not: left out of texts, still worth something to the region.
NO_TEXT = {"unreadable", "partial", "mirrored", "doubtful", "nonlatin", "notplate", "stacked", "carried", "year", "rotated"}
NO_PLATE = {"mirrored", "notplate", "rotated"}
LONGEST = 12


def norm(text):
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


def surroundings(image, quad, around=(0.35, 0.6), widest=160):
    """The part of a picture around a plate, made smaller where the plate is wider than `widest` -> picture, quad in it."""
    h, w = image.shape[:2]
    low, high = quad.min(0), quad.max(0)
    size = high - low
    x1, y1 = np.maximum(low - size * around, 0).astype(int)
    x2, y2 = np.minimum(np.ceil(high + size * around), (w, h)).astype(int)
    k = min(1.0, widest / size[0])
    part = image[y1:y2, x1:x2]
    if k < 1:
        part = cv2.resize(part, None, fx=k, fy=k, interpolation=cv2.INTER_AREA)
    return part, (quad - (x1, y1)) * k


def corners(box):
    return np.array(box, float)[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)


def scene_plates(data):
    """Plates in whole photographs, then the same ones from `crops`, where the originals had more pixels."""
    scenes = {r["file"]: r for r in csv.DictReader(open(os.path.join(data, "scenes.csv"), encoding="utf-8"))}
    image, name = None, None
    for r in csv.DictReader(open(os.path.join(data, "plates.csv"), encoding="utf-8")):
        if r["file"] not in scenes:
            continue
        if r["file"] != name:
            image, name = cv2.imread(os.path.join(data, "scenes", r["file"])), r["file"]
        points = [float(v) for v in r["corners"].replace(";", " ").replace(",", " ").split()]
        exact = len(points) == 8
        quad = np.array(points).reshape(4, 2) if exact else corners([float(r[k]) for k in ("x1", "y1", "x2", "y2")])
        yield image, quad, dict(r, source=scenes[r["file"]]["source"], label="eye", confidence="", folder="data", exact=exact, wide=True)
    for r in csv.DictReader(open(os.path.join(data, "crops.csv"), encoding="utf-8")):
        image = cv2.imread(os.path.join(data, "crops", r["file"]))
        if image is None or r["split"] != "train":
            continue
        h, w = image.shape[:2]
        # Cut with a margin of 6 % by 10 % of the plate on each side.
        mx, my = w * 0.06 / 1.12, h * 0.10 / 1.20
        source = scenes[r["scene"]]["source"]
        yield image, corners((mx, my, w - mx, h - my)), dict(r, source=source, label="eye", confidence="", folder="data", exact=False, wide=False)


def crop_plates(plates):
    for r in csv.DictReader(open(os.path.join(plates, "plates.csv"), encoding="utf-8")):
        image = cv2.imread(os.path.join(plates, "crops", r["file"]))
        if image is None:
            continue
        quad = corners([float(r[k]) for k in ("x1", "y1", "x2", "y2")])
        yield image, quad, dict(r, folder="plates", exact=False, wide=r["source"] != "usstates")


def nothing(data, share=0.4, seed=3):
    """Parts of the training photographs that meet no labelled plate, of a plate's usual sizes."""
    rng = np.random.default_rng(seed)
    boxes = {}
    for r in csv.DictReader(open(os.path.join(data, "plates.csv"), encoding="utf-8")):
        boxes.setdefault(r["file"], []).append([float(r[k]) for k in ("x1", "y1", "x2", "y2")])
    for s in csv.DictReader(open(os.path.join(data, "scenes.csv"), encoding="utf-8")):
        if s["split"] != "train" or rng.random() > share:
            continue
        image = cv2.imread(os.path.join(data, "scenes", s["file"]))
        h, w = image.shape[:2]
        bw = np.exp(rng.uniform(np.log(30), np.log(160)))
        bh = bw / rng.uniform(1.2, 5)
        if bw >= w or bh >= h:
            continue
        x, y = rng.uniform(0, w - bw), rng.uniform(0, h - bh)
        if all(x > b[2] + 5 or x + bw < b[0] - 5 or y > b[3] + 5 or y + bh < b[1] - 5 for b in boxes.get(s["file"], [])):
            yield image, corners((x, y, x + bw, y + bh)), dict(
                file=s["file"], source="nothing", split="train", text="", flags="", region="", lines="1", label="", confidence="", folder="data", exact=False, wide=True)


def entry(quad, r):
    flags = set(r["flags"].split())
    text = norm(r["text"])
    clear = bool(text) and not flags & NO_TEXT and len(text) <= LONGEST
    width, height = (quad[1] - quad[0])[0], (quad[3] - quad[0])[1]
    lines = int(r["lines"]) if r["lines"] in ("1", "2", "3") else 1 if width > 2.7 * height or r["source"] == "usstates" else 0
    # Nobody saw an `auto` text: below 0.98 a few in a hundred are wrong.
    sure = 1.0 if r["label"] != "auto" or float(r["confidence"] or 0) >= 0.98 else 0.5
    signs = text
    if clear and r["source"] == "china" and r["text"] and not r["text"][0].isascii():
        signs = "?" + text
    return dict(source=r["source"], split=r["split"], text=signs if clear else "", empty=r["source"] == "nothing", lines=lines, region=r["region"],
                label=r["label"], folder=r["folder"], weight=sure, flags=sorted(flags), exact=r["exact"], wide=r["wide"], quad=np.round(quad, 2).ravel().tolist(),
                file=r["file"], native=round(float(r.get("width") or width)))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--plates", default="../../../shared/plates")
    ap.add_argument("--out", required=True)
    ap.add_argument("--quality", type=int, default=72)
    ap.add_argument("--limit", type=int, default=0, help="stop after so many of each folder (for trying out)")
    a = ap.parse_args()
    entries, pictures = [], []
    for source in (scene_plates(a.data), crop_plates(a.plates), nothing(a.data)):
        count = 0
        for image, quad, r in source:
            flags = set(r["flags"].split())
            size = quad.max(0) - quad.min(0)
            if flags & NO_PLATE or size[0] < 20 or size[1] < 8:
                continue
            part, quad = surroundings(image, quad)
            e = entry(quad, r)
            if not (e["text"] or e["region"] or e["empty"]) or e["split"] == "dev" and not e["text"]:
                continue
            pictures.append(cv2.imencode(".webp", part, [cv2.IMWRITE_WEBP_QUALITY, a.quality if e["split"] == "train" else 85])[1].tobytes())
            entries.append(e)
            count += 1
            if a.limit and count >= a.limit:
                break
    index = gzip.compress(json.dumps(entries, separators=(",", ":")).encode(), 9)
    with open(a.out + ".part", "wb") as f:
        f.write(struct.pack("<QQ", len(index), len(pictures)) + index + struct.pack(f"<{len(pictures)}I", *map(len, pictures)))
        for p in pictures:
            f.write(p)
    os.replace(a.out + ".part", a.out)
    print(f"{len(entries)} plates, {sum(map(len, pictures)) / 1e6:.1f} MB of pictures, {len(index) / 1e6:.1f} MB of labels")


if __name__ == "__main__":
    main()

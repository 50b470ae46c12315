"""Plate crops for the recogniser: real ones cut from the labelled scenes, and shards of synthetic ones."""
import csv
import glob
import os
import numpy as np
import cv2
from recognizer_net import HEIGHT, WIDTH

SKIP = {"unreadable", "partial", "mirrored", "doubtful", "nonlatin", "notplate", "stacked", "carried"}


def norm(t):
    return "".join(c for c in t.upper() if c.isascii() and c.isalnum())


class Real:
    """Grey crops with context: `image`, the plate's quad within it, its text."""

    def __init__(self, data, split, context=0.45, negatives=0, seed=0):
        self.items = []
        self.negatives = []
        rng = np.random.default_rng(seed)
        scenes = {r["file"]: r for r in csv.DictReader(open(os.path.join(data, "scenes.csv"), encoding="utf-8"))}
        by_file = {}
        for r in csv.DictReader(open(os.path.join(data, "plates.csv"), encoding="utf-8")):
            if r["split"] == split:
                by_file.setdefault(r["file"], []).append(r)
        for f, s in scenes.items():
            if s["split"] != split:
                continue
            im = cv2.imread(os.path.join(data, "scenes", f), cv2.IMREAD_GRAYSCALE)
            h, w = im.shape
            boxes = []
            for r in by_file.get(f, []):
                b = np.array([float(r[k]) for k in ("x1", "y1", "x2", "y2")])
                boxes.append(b)
                text = norm(r["text"])
                if not text or SKIP & set(r["flags"].split()) or len(text) > 12:
                    continue
                c = [float(v) for v in r["corners"].replace(";", " ").replace(",", " ").split()]
                quad = np.array(c).reshape(4, 2) if len(c) == 8 else b[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)
                self.add(im, b, quad, text, s["source"], f, context, len(c) == 8, r["lines"])
            for _ in range(negatives):
                bw = np.exp(rng.uniform(np.log(24), np.log(160)))
                bh = bw / rng.uniform(1.2, 5)
                if bw >= w or bh >= h:
                    continue
                x, y = rng.uniform(0, w - bw), rng.uniform(0, h - bh)
                if all(x > b[2] + 5 or x + bw < b[0] - 5 or y > b[3] + 5 or y + bh < b[1] - 5 for b in boxes):
                    self.negatives.append(cv2.resize(im[int(y):int(y + bh) + 1, int(x):int(x + bw) + 1], (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR))
        if os.path.exists(os.path.join(data, "crops.csv")):
            for r in csv.DictReader(open(os.path.join(data, "crops.csv"), encoding="utf-8")):
                text = norm(r["text"])
                if r["split"] != split or not text or SKIP & set(r["flags"].split()) or len(text) > 12 or split != "train":
                    continue
                im = cv2.imread(os.path.join(data, "crops", r["file"]), cv2.IMREAD_GRAYSCALE)
                if im is None:
                    continue
                h, w = im.shape
                # Cut with a margin of 6 % by 10 % of the plate on each side.
                mx, my = w * 0.06 / 1.12, h * 0.10 / 1.20
                b = np.array([mx, my, w - mx, h - my])
                self.add(im, b, b[[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2), text, "crops", r["scene"], context, False, r["lines"])
        texts = {}
        for i, it in enumerate(self.items):
            texts.setdefault(it["text"], []).append(i)
        # Every vehicle counts the same, however long the run it was filmed in.
        self.by_text = list(texts.values())

    def add(self, im, box, quad, text, source, file, context, exact, lines):
        h, w = im.shape
        bw, bh = box[2] - box[0], box[3] - box[1]
        # 0: nobody said and the shape does not tell.
        lines = int(lines) if lines in ("1", "2") else 1 if bw > 2.7 * bh else 0
        x1, y1 = max(int(box[0] - context * bw), 0), max(int(box[1] - context * bh), 0)
        x2, y2 = min(int(np.ceil(box[2] + context * bw)), w), min(int(np.ceil(box[3] + context * bh)), h)
        crop = im[y1:y2, x1:x2]
        s = min(1.0, 300 / bw)
        if s < 1:
            crop = cv2.resize(crop, None, fx=s, fy=s, interpolation=cv2.INTER_AREA)
        off = np.array([x1, y1])
        self.items.append(dict(image=np.ascontiguousarray(crop), quad=((quad - off) * s).astype(np.float32),
                               box=((box - np.tile(off, 2)) * s).astype(np.float32), text=text, source=source, file=file, exact=exact, lines=lines))


def cut(image, quad, margin=(0.06, 0.06)):
    """The plate as the engine cuts it: the quad widened by the margins, stretched to 64 x 128, averaged where it shrinks."""
    centre = quad.mean(0)
    ux, uy = (quad[1] - quad[0] + quad[2] - quad[3]) / 2, (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    q = quad + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)[:, :1] * ux * margin[0] \
        + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)[:, 1:] * uy * margin[1]
    kx, ky = max(1, int(np.ceil(np.linalg.norm(ux) / WIDTH))), max(1, int(np.ceil(np.linalg.norm(uy) / HEIGHT)))
    w, h = WIDTH * kx, HEIGHT * ky
    m = cv2.getPerspectiveTransform(q.astype(np.float32), np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32))
    out = cv2.warpPerspective(image, m, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(out, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) if kx > 1 or ky > 1 else out


def degrade(rng, im):
    """Mild capture faults, for any crop at 64 x 128."""
    if rng.random() < 0.5:
        g = np.exp(rng.normal(0, 0.35))
        lut = 255 * (np.arange(256) / 255.0) ** g
        c, b = np.exp(rng.normal(0, 0.25)), rng.normal(0, 18)
        im = cv2.LUT(im, np.clip((lut - 128) * c + 128 + b, 0, 255).astype(np.uint8))
    if rng.random() < 0.04:
        im = 255 - im
    if rng.random() < 0.15:
        im = cv2.GaussianBlur(im, (0, 0), rng.uniform(0.4, 1.3))
    if rng.random() < 0.10:
        s = rng.uniform(0.3, 0.8)
        im = cv2.resize(cv2.resize(im, None, fx=s, fy=s, interpolation=cv2.INTER_AREA), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.10:
        # A shadow's edge across the plate.
        x0, x1 = rng.uniform(-20, WIDTH + 20, 2)
        ramp = (np.arange(WIDTH)[None] > np.linspace(x0, x1, HEIGHT)[:, None]).astype(np.float32)
        ramp = cv2.GaussianBlur(ramp, (0, 0), rng.uniform(0.5, 5))
        im = np.clip(im * (1 - ramp * rng.uniform(0.2, 0.6)), 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        im = np.clip(im + rng.normal(0, rng.uniform(2, 14), im.shape), 0, 255).astype(np.uint8)
    return im


class Mixer:
    """Training crops: a share of real ones, a share of empty ones, the rest synthetic."""

    def __init__(self, real, synth_glob, share_real=0.35, share_empty=0.03, seed=0):
        self.real, self.pattern, self.share_real, self.share_empty = real, synth_glob, share_real, share_empty
        self.rng = np.random.default_rng(seed)
        self.shards = []
        self.seen = set()
        self.scan()

    def scan(self):
        for path in sorted(glob.glob(self.pattern)):
            if path in self.seen or not os.path.exists(path[:-3] + ".txt"):
                continue
            rows = [(text, int(lines)) for text, lines, *_ in (line.rstrip("\n").split("\t") for line in open(path[:-3] + ".txt", encoding="utf-8"))]
            pixels = np.memmap(path, np.uint8, "r").reshape(-1, HEIGHT, WIDTH)
            if len(rows) != len(pixels):
                continue
            self.shards.append((pixels, rows))
            self.seen.add(path)
            print("shard", path, len(rows), flush=True)
        sizes = np.array([len(s[1]) for s in self.shards], float)
        self.cum = np.cumsum(sizes / sizes.sum()) if len(sizes) else None

    def real_crop(self):
        rng = self.rng
        group = self.real.by_text[rng.integers(len(self.real.by_text))]
        it = self.real.items[group[rng.integers(len(group))]]
        im = it["image"]
        q = it["quad"] if it["exact"] and rng.random() < 0.7 else it["box"][[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)
        size = np.array([it["box"][2] - it["box"][0], it["box"][3] - it["box"][1]])
        q = q.copy()
        if rng.random() < 0.6:
            # A detector's error: the corners move together and apart.
            q += rng.normal(0, 0.02, 2) * size + rng.normal(0, 0.025, (4, 2)) * size
        if rng.random() < 0.5:
            t = np.deg2rad(rng.normal(0, 4))
            c = q.mean(0)
            d = (q - c)
            q = d @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]]) + c
            q[:, 1] += (q[:, 0] - c[0]) * rng.normal(0, 0.05)
        if it["box"][2] - it["box"][0] > 70 and rng.random() < 0.3:
            # The same plate, further away.
            s = rng.uniform(45, 110) / size[0]
            if s < 1:
                im = cv2.resize(im, None, fx=s, fy=s, interpolation=cv2.INTER_AREA)
                q = q * s
        margin = rng.uniform(-0.005, 0.14), rng.uniform(-0.01, 0.16)
        return cut(im, q.astype(np.float32), margin), (it["text"], it["lines"])

    def sample(self):
        """-> 64 x 128 grey crop, its text, its number of lines (0: unknown)"""
        rng = self.rng
        r = rng.random()
        if r < self.share_real or not self.shards:
            im, label = self.real_crop()
        elif r < self.share_real + self.share_empty and self.real.negatives:
            im, label = self.real.negatives[rng.integers(len(self.real.negatives))], ("", 1)
        else:
            pixels, rows = self.shards[min(int(np.searchsorted(self.cum, rng.random())), len(self.shards) - 1)]
            k = rng.integers(len(rows))
            im, label = np.asarray(pixels[k]), rows[k]
            if rng.random() < 0.3:
                m = np.array([[rng.uniform(0.94, 1.06), rng.normal(0, 0.03), rng.normal(0, 2)],
                              [rng.normal(0, 0.01), rng.uniform(0.94, 1.06), rng.normal(0, 1.2)]], np.float32)
                im = cv2.warpAffine(im, m, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        return degrade(rng, im), *label

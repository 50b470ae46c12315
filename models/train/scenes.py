"""Labelled scenes in memory, and the augmented crops the detector trains on."""
import csv
import os
import numpy as np
import cv2
from hard import write_words

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


class Sprites:
    """Synthetic plates as flat pictures (`PREFIX.rgb`, 160 x 80 RGB, and `PREFIX.txt`: text, lines, width / height)."""

    def __init__(self, prefix):
        self.rows = [line.rstrip("\n").split("\t") for line in open(prefix + ".txt", encoding="utf-8")]
        self.pixels = np.memmap(prefix + ".rgb", np.uint8, "r").reshape(-1, 80, 160, 3)
        self.n = min(len(self.rows), len(self.pixels))

    def draw(self, rng):
        i = rng.integers(self.n)
        return np.asarray(self.pixels[i]), float(self.rows[i][2])


def bounds(corners):
    x, y = corners[:, 0::2], corners[:, 1::2]
    return np.stack((x.min(1), y.min(1), x.max(1), y.max(1)), 1)


def paste(rng, im, sprite, quad):
    """Warp a plate into the picture so that it takes on the place's brightness, sharpness and noise."""
    h, w = im.shape[:2]
    x1, y1 = np.floor(quad.min(0)).astype(int) - 1
    x2, y2 = np.ceil(quad.max(0)).astype(int) + 2
    x1, y1, x2, y2 = max(x1, 0), max(y1, 0), min(x2, w), min(y2, h)
    if x2 - x1 < 4 or y2 - y1 < 3:
        return False
    sh, sw = sprite.shape[:2]
    width = np.linalg.norm(quad[1] - quad[0])
    s = sprite
    if width < sw * 0.7:
        s = cv2.resize(s, (max(int(width * 1.3), 8), max(int(np.linalg.norm(quad[3] - quad[0]) * 1.3), 4)), interpolation=cv2.INTER_AREA)
    ph, pw = s.shape[:2]
    m = cv2.getPerspectiveTransform(np.array([[0, 0], [pw, 0], [pw, ph], [0, ph]], np.float32), (quad - (x1, y1)).astype(np.float32))
    size = (x2 - x1, y2 - y1)
    warped = cv2.warpPerspective(s, m, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    mask = cv2.warpPerspective(np.ones((ph, pw), np.float32), m, size, flags=cv2.INTER_LINEAR)
    under = im[y1:y2, x1:x2].astype(np.float32)
    light = under.mean() / 128.0
    gain = float(np.clip(light * rng.uniform(0.7, 1.6), 0.18, 1.5))
    warped = warped * gain + rng.normal(0, 4)
    if rng.random() < 0.6:
        k = float(rng.uniform(0.3, max(0.4, width / 60)))
        warped, mask = cv2.GaussianBlur(warped, (0, 0), k), cv2.GaussianBlur(mask, (0, 0), k)
    if rng.random() < 0.5:
        warped += rng.normal(0, rng.uniform(1, 8), warped.shape)
    a = mask[..., None]
    im[y1:y2, x1:x2] = np.clip(under * (1 - a) + warped * a, 0, 255).astype(np.uint8)
    return True


def random_quad(rng, cx, cy, w, h):
    q = np.array([[-w, -h], [w, -h], [w, h], [-w, h]], np.float32) / 2
    t = np.deg2rad(rng.normal(0, 6))
    shear = rng.normal(0, 0.08)
    q = q @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]], np.float32)
    q[:, 1] += q[:, 0] * shear
    q += rng.normal(0, 0.03, q.shape) * min(w, h)
    return (q + (cx, cy)).astype(np.float32)


class Augment:
    """`mistakes`: {"false": [(scene, box)], "missed": [...]} of `hard.mine`, read anew for every picture; `words`: `hard.Words`."""

    def __init__(self, scenes, size=320, sprites=None, seed=0, pixels=147456, words=None, mistakes=None):
        self.scenes, self.size, self.sprites, self.pixels = scenes, size, sprites, pixels
        self.words, self.mistakes = words, mistakes or {"false": [], "missed": []}
        self.rng = np.random.default_rng(seed)
        # Dash-cam runs repeat the same streets: half weight.
        w = np.array([0.5 if s["source"] == "romania" else 1.0 for s in scenes])
        self.p = np.cumsum(w / w.sum())

    def pick(self):
        return self.scenes[min(int(np.searchsorted(self.p, self.rng.random())), len(self.scenes) - 1)]

    def draw(self):
        """-> a scene and the box to look at (None: choose): often one that the network got wrong."""
        for kind, share in (("false", 0.25), ("missed", 0.15)):
            places = self.mistakes[kind]
            if places and self.rng.random() < share:
                k, box = places[self.rng.integers(len(places))]
                return self.scenes[k], np.asarray(box)
        return self.pick(), None

    def single(self, size_w, size_h):
        """One affine crop of one scene, size_w x size_h, with its labels."""
        rng = self.rng
        s, aim = self.draw()
        im, boxes, corners, has, ignore = s["image"], s["boxes"], s["corners"].copy(), s["has"].copy(), s["ignore"]
        h, w = im.shape[:2]
        # Synthetic plates replace real ones only: pasted elsewhere they would teach that a plate needs no vehicle.
        if self.sprites is not None and len(boxes) and rng.random() < 0.2:
            im = im.copy()
            for k in range(len(boxes)):
                b = boxes[k]
                bw, bh = b[2] - b[0], b[3] - b[1]
                if bw < 14 or rng.random() < 0.3:
                    continue
                sprite, _ = self.sprites.draw(rng)
                q = random_quad(rng, (b[0] + b[2]) / 2, (b[1] + b[3]) / 2, bw * 1.02, bh * 1.05)
                if paste(rng, im, sprite, q):
                    corners[k], has[k] = q.reshape(8), True
            boxes = np.where(has[:, None], bounds(corners), boxes)
        if self.words is not None and rng.random() < 0.15:
            im = im.copy() if im is s["image"] else im
            write_words(rng, im, self.words, np.concatenate((boxes, ignore)))
        # The scale at which the engine would show this picture, give or take an octave.
        base = (self.pixels / (w * h)) ** 0.5
        scale = base * float(np.exp(rng.uniform(np.log(0.5), np.log(2.0))))
        if aim is None and len(boxes) and rng.random() < 0.3:
            # Aim one plate at a chosen width, so that every width is seen equally often.
            k = rng.integers(len(boxes))
            scale = float(np.exp(rng.uniform(np.log(14), np.log(size_w * 0.9)))) / max(boxes[k, 2] - boxes[k, 0], 4)
            scale = float(np.clip(scale, base * 0.35, base * 6))
        stretch = float(np.exp(rng.normal(0, 0.1)))
        tilt_max = 0.25 if len(has) and has.all() else 0.05
        angle = float(np.clip(rng.normal(0, tilt_max / 2), -tilt_max, tilt_max))
        flip = rng.random() < 0.25
        sx, sy = scale * stretch ** 0.5, scale / stretch ** 0.5
        a = np.array([[np.cos(angle) * sx, -np.sin(angle) * sy], [np.sin(angle) * sx, np.cos(angle) * sy]])
        if flip:
            a[:, 0] *= -1
        if aim is not None:
            focus = (aim[:2] + aim[2:]) / 2
            place = rng.uniform(0.15, 0.85, 2) * (size_w, size_h)
        elif len(boxes) and rng.random() < 0.6:
            k = rng.integers(len(boxes))
            focus = (boxes[k, :2] + boxes[k, 2:]) / 2
            place = rng.uniform(0.15, 0.85, 2) * (size_w, size_h)
        else:
            focus, place = rng.uniform(0.2, 0.8, 2) * (w, h), np.array([0.5, 0.5]) * (size_w, size_h)
        t = place - a @ focus
        m = np.concatenate((a, t[:, None]), 1)
        src = im
        shrink = min(sx, sy)
        if shrink < 0.6:
            # Averaging before the warp, as a camera's resize would: no aliasing of small plates.
            f = shrink * 1.2
            src = cv2.resize(im, None, fx=f, fy=f, interpolation=cv2.INTER_AREA)
            m = m.copy()
            m[:, :2] = m[:, :2] / np.array([src.shape[1] / w, src.shape[0] / h])
        out = cv2.warpAffine(src, m, (size_w, size_h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(114, 114, 114))
        full = np.concatenate((a, t[:, None]), 1)

        def move(pts):
            return pts @ full[:, :2].T + full[:, 2]

        c = move(corners.reshape(-1, 2)).reshape(-1, 8).astype(np.float32)
        if flip:
            c = c[:, [2, 3, 0, 1, 6, 7, 4, 5]]
        b = bounds(c) if len(c) else np.zeros((0, 4), np.float32)
        ig = np.zeros((0, 4), np.float32)
        if len(ignore):
            q = move(ignore[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)).reshape(-1, 8)
            ig = bounds(q).astype(np.float32)
        return out, b.astype(np.float32), c, has, ig, s["source"] == "romania"

    def colour(self, im):
        rng = self.rng
        if rng.random() < 0.8:
            hsv = cv2.cvtColor(im, cv2.COLOR_RGB2HSV)
            gain = rng.uniform((0.97, 0.5, 0.65), (1.03, 1.4, 1.35))
            ramp = np.arange(256, dtype=np.float32)
            luts = [(ramp * gain[0] % 180).astype(np.uint8), np.clip(ramp * gain[1], 0, 255).astype(np.uint8),
                    np.clip(255 * (ramp / 255) ** np.exp(rng.normal(0, 0.25)) * gain[2], 0, 255).astype(np.uint8)]
            hsv = cv2.merge([cv2.LUT(ch, lut) for ch, lut in zip(cv2.split(hsv), luts)])
            im = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
        if rng.random() < 0.12:
            im = cv2.cvtColor(cv2.cvtColor(im, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        if rng.random() < 0.08:
            im = np.clip(im.astype(np.float32) * rng.uniform(0.15, 0.5), 0, 255).astype(np.uint8)
        if rng.random() < 0.12:
            im = cv2.GaussianBlur(im, (0, 0), rng.uniform(0.4, 1.6))
        elif rng.random() < 0.06:
            k = int(rng.integers(3, 9))
            kernel = np.zeros((k, k), np.float32)
            kernel[k // 2] = 1 / k
            im = cv2.filter2D(im, -1, kernel)
        if rng.random() < 0.15:
            im = np.clip(im + rng.normal(0, rng.uniform(2, 14), im.shape), 0, 255).astype(np.uint8)
        if rng.random() < 0.15:
            im = cv2.imdecode(cv2.imencode(".jpg", im, [1, int(rng.integers(20, 75))])[1], 1)
        return im

    def sample(self, size):
        """-> image size x size x 3 uint8 and the target dict of numpy arrays."""
        rng = self.rng
        if rng.random() < 0.45:
            cx, cy = (int(v) for v in rng.uniform(0.35, 0.65, 2) * size)
            out = np.full((size, size, 3), 114, np.uint8)
            parts = []
            for x, y, w, h in ((0, 0, cx, cy), (cx, 0, size - cx, cy), (0, cy, cx, size - cy), (cx, cy, size - cx, size - cy)):
                im, b, c, has, ig, rom = self.single(w, h)
                out[y:y + h, x:x + w] = im
                b, c, has, ig = clip(b, c, has, ig, w, h)
                parts.append((b + (x, y, x, y), c + np.tile((x, y), 4), has, ig + (x, y, x, y), rom))
            boxes, corners, has, ig = (np.concatenate([p[k] for p in parts]) for k in range(4))
            rom = any(p[4] for p in parts)
        else:
            out, b, c, has, ig, rom = self.single(size, size)
            boxes, corners, has, ig = clip(b, c, has, ig, size, size)
        out = self.colour(out)
        return out, dict(gt=boxes.astype(np.float32), corners=corners.astype(np.float32), has=has, ignore=ig.astype(np.float32),
                         weight8=0.4 if rom else 1.0)


def clip(b, c, has, ig, w, h):
    """Cut boxes at the border; plates mostly outside or too small to tell are ignored, not background."""
    if not len(b):
        return b, c, has, ig
    cut = np.clip(b, 0, (w, h, w, h))
    area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    left = (cut[:, 2] - cut[:, 0]).clip(0) * (cut[:, 3] - cut[:, 1]).clip(0)
    seen = left / np.maximum(area, 1e-6)
    good = (seen > 0.6) & (cut[:, 2] - cut[:, 0] >= 9) & (cut[:, 3] - cut[:, 1] >= 3.5)
    some = (left > 0) & ~good
    has = has & (seen > 0.98)
    ig = np.concatenate((ig, cut[some])) if some.any() else ig
    return cut[good], c[good], has[good], ig

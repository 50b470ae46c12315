"""Training pictures of the detector, at the shapes the engine uses: scenes as they are, with plates exchanged or taken out, mosaics,
plates that fill the picture, boards that are none. Geometry only: light, blur, noise and compression are added by
`photometric.py` on whole batches.

Boxes without corners are never turned (a turned box is looser than a turned plate); everything with known corners may be.
"""
import numpy as np
import cv2
from scenes import bounds

MOST_PLATES, MOST_IGNORED = 20, 16
CANVAS = 114


def rotation(yaw, pitch, roll):
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rx = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    rz = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return rz @ rx @ ry


def posed_quad(rng, cx, cy, w, h, steep=0.3, rolled=0.3):
    """Corners of a w x h plate in space seen by a camera; a share of the poses `steep`, a share `rolled`."""
    deg = np.pi / 180
    roll = rng.uniform(-27, 27) if rng.random() < rolled else rng.normal(0, 4)
    yaw = rng.uniform(-62, 62) if rng.random() < steep else rng.normal(0, 13)
    pitch = rng.uniform(-40, 40) if rng.random() < steep * 0.6 else rng.normal(0, 8)
    p = np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]], float) / 2 @ rotation(yaw * deg, pitch * deg, roll * deg).T
    depth = w * np.exp(rng.uniform(np.log(2.5), np.log(14)))
    q = p[:, :2] * (depth / (depth + p[:, 2:]))
    q += rng.normal(0, 0.01, q.shape) * h
    return (q + (cx, cy)).astype(np.float32)


def rounded(h, w, rng):
    """Opacity of a plate with rounded corners."""
    mask = np.zeros((h, w), np.float32)
    r = int(min(h, w) * rng.uniform(0.0, 0.14))
    cv2.rectangle(mask, (r, 0), (w - r - 1, h - 1), 1.0, -1)
    cv2.rectangle(mask, (0, r), (w - 1, h - r - 1), 1.0, -1)
    for x, y in ((r, r), (w - r - 1, r), (r, h - r - 1), (w - r - 1, h - r - 1)):
        cv2.circle(mask, (x, y), r, 1.0, -1)
    return mask


def paste(rng, im, sprite, quad, mask=None, light=None):
    """Warp a picture onto a quad, at the place's brightness, as soft as the place is. -> whether anything was drawn."""
    h, w = im.shape[:2]
    x1, y1 = np.floor(quad.min(0)).astype(int) - 1
    x2, y2 = np.ceil(quad.max(0)).astype(int) + 2
    x1, y1, x2, y2 = max(x1, 0), max(y1, 0), min(x2, w), min(y2, h)
    if x2 - x1 < 4 or y2 - y1 < 3:
        return False
    s = sprite
    width = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
    if width < s.shape[1] * 0.7 or height < s.shape[0] * 0.7:
        size = (int(min(max(width * 1.3, 8), s.shape[1])), int(min(max(height * 1.3, 5), s.shape[0])))
        s = cv2.resize(s, size, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA) if mask is not None else None
    ph, pw = s.shape[:2]
    m = cv2.getPerspectiveTransform(np.array([[0, 0], [pw, 0], [pw, ph], [0, ph]], np.float32), (quad - (x1, y1)).astype(np.float32))
    m = m @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    m = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]]) @ m
    size = (int(x2 - x1), int(y2 - y1))
    warped = cv2.warpPerspective(s, m, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    a = cv2.warpPerspective(np.ones((ph, pw), np.float32) if mask is None else mask, m, size, flags=cv2.INTER_LINEAR)
    under = im[y1:y2, x1:x2].astype(np.float32)
    light = under.mean() if light is None else light
    warped = warped * float(np.clip(light / 128 * rng.uniform(0.7, 1.6), 0.18, 1.4)) + rng.normal(0, 4)
    if rng.random() < 0.6:
        k = float(rng.uniform(0.3, max(0.4, min(width / 60, 2.5))))
        warped, a = cv2.GaussianBlur(warped, (0, 0), k), cv2.GaussianBlur(a, (0, 0), k)
    a = a[..., None]
    im[y1:y2, x1:x2] = np.clip(under * (1 - a) + warped * a, 0, 255).astype(np.uint8)
    return True


def erase(im, box, rng):
    """Fill a plate's place from its surroundings: rows between the edges above and below, columns likewise. Changes `im`."""
    h, w = im.shape[:2]
    mx, my = (box[2] - box[0]) * 0.08 + 2, (box[3] - box[1]) * 0.14 + 2
    x1, y1, x2, y2 = max(int(box[0] - mx), 0), max(int(box[1] - my), 0), min(int(box[2] + mx) + 1, w), min(int(box[3] + my) + 1, h)
    if x2 - x1 < 3 or y2 - y1 < 3:
        return
    top, bottom = im[max(y1 - 1, 0), x1:x2].astype(np.float32), im[min(y2, h - 1), x1:x2].astype(np.float32)
    left, right = im[y1:y2, max(x1 - 1, 0)].astype(np.float32), im[y1:y2, min(x2, w - 1)].astype(np.float32)
    v = np.linspace(0, 1, y2 - y1, dtype=np.float32)[:, None, None]
    u = np.linspace(0, 1, x2 - x1, dtype=np.float32)[None, :, None]
    fill = 0.5 * (top[None] * (1 - v) + bottom[None] * v) + 0.5 * (left[:, None] * (1 - u) + right[:, None] * u)
    im[y1:y2, x1:x2] = np.clip(fill + rng.normal(0, rng.uniform(0, 5), fill.shape), 0, 255).astype(np.uint8)


def board(rng, words):
    """A sign, a screen, a poster: lines of lettering on a panel; seldom bare letters in one line, which a plate would be."""
    w = int(rng.integers(120, 340))
    h = int(w * np.exp(rng.uniform(np.log(0.25), np.log(1.2))))
    panel = np.empty((h, w, 3), np.float32)
    panel[:] = rng.uniform(0, 255, 3) if rng.random() < 0.6 else rng.choice([12.0, 240.0])
    if rng.random() < 0.4:
        cv2.rectangle(panel, (2, 2), (w - 3, h - 3), tuple(rng.uniform(0, 255, 3)), int(rng.integers(1, 6)))
    ink = rng.uniform(0, 255, 3)
    if abs(ink.mean() - panel.mean()) < 70:
        ink = np.where(panel.mean() > 128, 0.0, 255.0) * np.ones(3)
    y = rng.uniform(0.02, 0.15) * h
    for _ in range(int(rng.integers(2, 7))):
        mask = words.items[rng.integers(len(words.items))]
        lh = int(h * rng.uniform(0.08, 0.4))
        lw = int(min(mask.shape[1] * lh / mask.shape[0], w * 0.95))
        if y + lh > h or lw < 4 or lh < 4:
            break
        a = cv2.resize(mask, (lw, lh), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
        x = int(rng.uniform(0, w - lw))
        place = panel[int(y):int(y) + lh, x:x + lw]
        place[:] = place * (1 - a[:place.shape[0]]) + ink * a[:place.shape[0]]
        y += lh * rng.uniform(1.0, 1.5)
    return panel.clip(0, 255).astype(np.uint8)


def clear(boxes, near):
    """Whether `near` (one box) keeps off all the boxes."""
    return not len(boxes) or not ((boxes[:, 0] < near[2]) & (boxes[:, 2] > near[0]) & (boxes[:, 1] < near[3]) & (boxes[:, 3] > near[1])).any()


class Pictures:
    """`sample(h, w)` -> a picture and its labels. `mistakes`: dict of lists `false`, `missed` of (scene, box) and `ignore`."""

    def __init__(self, scenes, crops, sprites, words, seed, pixels=147456):
        self.scenes, self.crops, self.sprites, self.words, self.pixels = scenes, crops, sprites, words, pixels
        self.mistakes = {"false": [], "missed": []}
        self.rng = np.random.default_rng(seed)
        p = np.array([0.4 if s["source"] == "romania" else 1.0 for s in scenes])
        self.p = np.cumsum(p / p.sum())
        self.flat = [c for c in crops if c["source"] == "usstates"]
        self.framed = [c for c in crops if c["source"] != "usstates"]

    # -- material

    def plate(self, aspect=None):
        """A flat plate and its width over height: a real American one or a drawn one, of a shape near `aspect` where given."""
        rng = self.rng
        best = None
        for _ in range(1 if aspect is None else 5):
            if self.flat and rng.random() < 0.3:
                c = self.flat[rng.integers(len(self.flat))]
                x1, y1, x2, y2 = (int(round(v)) for v in c["box"])
                got = (c["image"][y1:y2, x1:x2], (x2 - x1) / max(y2 - y1, 1))
            else:
                got = self.sprites.draw(rng)
            if best is None or abs(np.log(got[1] / aspect)) < abs(np.log(best[1] / aspect)):
                best = got
        return best

    def draw(self):
        rng = self.rng
        for kind, share in (("false", 0.22), ("missed", 0.15)):
            places = self.mistakes[kind]
            if places and rng.random() < share:
                k, box = places[rng.integers(len(places))]
                return self.scenes[k], np.asarray(box)
        return self.scenes[min(int(np.searchsorted(self.p, rng.random())), len(self.scenes) - 1)], None

    # -- scenes

    def exchange(self, im, boxes, corners, has):
        """Other plates, in other poses, where the plates were. -> the boxes that stand there now (some taken out altogether)."""
        rng = self.rng
        keep = np.ones(len(boxes), bool)
        mode = rng.random()
        for k, b in enumerate(boxes):
            bw, bh = b[2] - b[0], b[3] - b[1]
            if bw < 14 or (mode < 0.7 and rng.random() < 0.2):
                continue
            light = im[max(int(b[1]), 0):int(b[3]) + 1, max(int(b[0]), 0):int(b[2]) + 1].mean()
            erase(im, b, rng)
            if mode > 0.88:
                keep[k] = False
                continue
            flat, aspect = self.plate(bw / max(bh, 1) if rng.random() < 0.6 else None)
            width = (bw * bh * aspect) ** 0.5 * rng.uniform(0.9, 1.25)
            q = posed_quad(rng, (b[0] + b[2]) / 2, (b[1] + b[3]) / 2, width, width / aspect)
            others = np.delete(boxes, k, 0)
            if rng.random() < 0.25:
                # A dealer's frame or a holder: it is no part of the plate.
                grown = q.mean(0) + (q - q.mean(0)) * rng.uniform(1.03, 1.15)
                paste(rng, im, np.full((8, 16, 3), rng.choice([20, 60, 200]), np.uint8), grown.astype(np.float32), light=light)
            if not clear(others, (*q.min(0), *q.max(0))) or not paste(rng, im, flat, q, rounded(*flat.shape[:2], rng), light):
                keep[k] = False
                continue
            corners[k], has[k] = q.reshape(8), True
        out = np.where(has[:, None], bounds(corners), boxes) if len(boxes) else boxes
        return out[keep], corners[keep], has[keep]

    def letters(self, im, taken):
        """Lettering and boards where no plate is. Changes `im`."""
        from hard import write_words
        rng = self.rng
        h, w = im.shape[:2]
        if rng.random() < 0.5:
            write_words(rng, im, self.words, taken)
            return
        for _ in range(int(rng.integers(1, 3))):
            panel = board(rng, self.words)
            width = w * np.exp(rng.uniform(np.log(0.08), np.log(0.6)))
            q = posed_quad(rng, rng.uniform(0, w), rng.uniform(0, h), width, width * panel.shape[0] / panel.shape[1])
            if clear(taken, (*q.min(0), *q.max(0))):
                paste(rng, im, panel, q)

    def scene(self):
        """-> a scene's picture and labels (copies), after exchanges, and the place to look at."""
        rng = self.rng
        s, aim = self.draw()
        im, boxes, corners, has, ignore = s["image"], s["boxes"], s["corners"].copy(), s["has"].copy(), s["ignore"]
        if len(s.get("more", ())):
            ignore = np.concatenate((ignore, s["more"]))
        if aim is None and len(boxes) and rng.random() < 0.35:
            im = im.copy()
            boxes, corners, has = self.exchange(im, boxes, corners, has)
        if rng.random() < 0.16:
            im = im.copy() if im is s["image"] else im
            self.letters(im, np.concatenate((boxes, ignore)))
        return im, boxes, corners, has, ignore, aim, s["source"] == "romania"

    def view(self, size_w, size_h, im, boxes, has, aim, zoom):
        """The 3x3 map from a scene to a part of the training picture, and whether it is mirrored."""
        rng = self.rng
        h, w = im.shape[:2]
        base = (self.pixels / (w * h)) ** 0.5
        scale = base * float(np.exp(rng.uniform(*np.log(zoom))))
        if aim is None and len(boxes) and rng.random() < 0.3:
            k = rng.integers(len(boxes))
            scale = float(np.exp(rng.uniform(np.log(14), np.log(size_w * 1.0)))) / max(boxes[k, 2] - boxes[k, 0], 4)
            scale = float(np.clip(scale, base * 0.35, base * 6))
        turn = len(has) and has.all() and aim is None
        angle = 0.0
        if turn:
            angle = rng.uniform(-0.42, 0.42) if rng.random() < 0.25 else float(np.clip(rng.normal(0, 0.07), -0.25, 0.25))
        stretch = float(np.exp(rng.normal(0, 0.1)))
        flip = rng.random() < 0.2
        sx, sy = scale * stretch ** 0.5, scale / stretch ** 0.5
        a = np.array([[np.cos(angle) * sx, -np.sin(angle) * sy], [np.sin(angle) * sx, np.cos(angle) * sy]])
        if flip:
            a[:, 0] *= -1
        if aim is not None or (len(boxes) and rng.random() < 0.6):
            b = aim if aim is not None else boxes[rng.integers(len(boxes))]
            focus, place = (b[:2] + b[2:]) / 2, rng.uniform(0.12, 0.88, 2) * (size_w, size_h)
        else:
            focus, place = rng.uniform(0.2, 0.8, 2) * (w, h), np.array([0.5, 0.5]) * (size_w, size_h)
        m = np.eye(3)
        m[:2, :2], m[:2, 2] = a, place - a @ focus
        if turn and rng.random() < 0.3:
            # A camera that looks from the side.
            p = np.eye(3)
            p[2, :2] = rng.normal(0, 0.25, 2) / (size_w, size_h)
            c = np.array([[1, 0, -size_w / 2], [0, 1, -size_h / 2], [0, 0, 1]])
            m = np.linalg.inv(c) @ p @ c @ m
        return m, flip, min(sx, sy)

    def single(self, size_w, size_h, zoom):
        """A part of a scene at `zoom` (lowest, highest) times the scale at which the engine would show it."""
        im, boxes, corners, has, ignore, aim, dash = self.scene()
        m, flip, shrink = self.view(size_w, size_h, im, boxes, has, aim, zoom)
        src, full = im, m
        h, w = im.shape[:2]
        if shrink < 0.6:
            # Averaging before the warp, as a camera's resize would: no aliasing of small plates.
            src = cv2.resize(im, None, fx=shrink * 1.2, fy=shrink * 1.2, interpolation=cv2.INTER_AREA)
            m = m @ np.diag([w / src.shape[1], h / src.shape[0], 1])
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        m = np.linalg.inv(half) @ m @ half
        out = cv2.warpPerspective(src, m, (size_w, size_h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(CANVAS,) * 3)
        c = moved(corners, full)
        if flip:
            c = c[:, [2, 3, 0, 1, 6, 7, 4, 5]]
        b = bounds(c) if len(c) else np.zeros((0, 4), np.float32)
        ig = bounds(moved(ignore[:, [0, 1, 2, 1, 2, 3, 0, 3]], full)) if len(ignore) else np.zeros((0, 4), np.float32)
        return out, b, c, has, ig, dash

    # -- plates that fill the picture

    def ground(self, h, w):
        """Something to put a plate on: bodywork, a piece of a scene without plates, one colour."""
        rng = self.rng
        if rng.random() < 0.5:
            s = self.scenes[rng.integers(len(self.scenes))]
            im = s["image"].copy()
            for b in np.concatenate((s["boxes"], s["ignore"])):
                erase(im, b, rng)
            ih, iw = im.shape[:2]
            k = rng.uniform(0.15, 1.0)
            ph, pw = max(int(ih * k), 8), max(int(iw * k), 8)
            y, x = rng.integers(ih - ph + 1), rng.integers(iw - pw + 1)
            return cv2.resize(im[y:y + ph, x:x + pw], (w, h), interpolation=cv2.INTER_LINEAR)
        colours = rng.uniform(0, 255, (2, 2, 3)) if rng.random() < 0.3 else rng.uniform(0, 255, 3) + rng.normal(0, 18, (2, 2, 3))
        return np.clip(cv2.resize(colours.astype(np.float32), (w, h)), 0, 255).astype(np.uint8)

    def filling(self, size_w, size_h):
        """A picture that is mostly one plate, placed as the engine places pictures: top left, grey beyond it."""
        rng = self.rng
        out = np.full((size_h, size_w, 3), CANVAS, np.uint8)
        none = np.zeros((0, 4), np.float32)
        if self.framed and rng.random() < 0.25:
            c = self.framed[rng.integers(len(self.framed))]
            h, w = c["image"].shape[:2]
            k = min(size_w / w, size_h / h) * (1.0 if rng.random() < 0.5 else rng.uniform(0.35, 1.0))
            small = cv2.resize(c["image"], (max(int(w * k), 4), max(int(h * k), 4)), interpolation=cv2.INTER_LINEAR)
            out[:small.shape[0], :small.shape[1]] = small
            b = np.array([c["box"]], np.float32) * np.float32([small.shape[1] / w, small.shape[0] / h] * 2)
            return out, b, b[:, [0, 1, 2, 1, 2, 3, 0, 3]], np.zeros(1, bool), none, False
        flat, aspect = self.plate()
        if rng.random() < 0.65:
            # The picture is the plate with a little around it.
            margin = rng.uniform(0.0, 0.35) if rng.random() < 0.7 else rng.uniform(0.3, 1.0)
            pa = aspect * np.exp(rng.normal(0, 0.12))
            pw = min(size_w, int(size_h * pa))
            ph = min(size_h, max(int(size_w / pa), 16))
            width = pw / (1 + margin)
        else:
            pw, ph = size_w, size_h
            width = size_w * rng.uniform(0.35, 1.1)
        boards = self.words is not None and rng.random() < 0.12
        if boards:
            flat = board(rng, self.words)
            aspect = flat.shape[1] / flat.shape[0]
        width = min(width, ph * aspect * 1.15)
        part = self.ground(ph, pw)
        shift = rng.normal(0, 0.03, 2) if rng.random() < 0.8 else rng.uniform(-0.45, 0.45, 2)
        q = posed_quad(rng, pw * (0.5 + shift[0]), ph * (0.5 + shift[1]), width, width / aspect, steep=0.2, rolled=0.25)
        ok = paste(rng, part, flat, q, rounded(*flat.shape[:2], rng), light=rng.uniform(50, 170))
        out[:ph, :pw] = part
        if boards or not ok:
            return out, none, np.zeros((0, 8), np.float32), np.zeros(0, bool), none, False
        c = q.reshape(1, 8)
        return (out, *clip(bounds(c), c, np.ones(1, bool), none, pw, ph), False)

    # -- whole pictures

    def sample(self, h, w):
        """-> uint8 h x w x 3, boxes, corners, has, ignore, whether from a dash-cam run with unlabelled small plates."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.11:
            return self.filling(w, h)
        if kind < 0.48:
            cx, cy = int(rng.uniform(0.3, 0.7) * w), int(rng.uniform(0.3, 0.7) * h)
            out, parts = np.empty((h, w, 3), np.uint8), []
            for x, y, tw, th in ((0, 0, cx, cy), (cx, 0, w - cx, cy), (0, cy, cx, h - cy), (cx, cy, w - cx, h - cy)):
                im, b, c, has, ig, dash = self.single(tw, th, (0.45, 1.7))
                out[y:y + th, x:x + tw] = im
                b, c, has, ig = clip(b, c, has, ig, tw, th)
                parts.append((b + (x, y, x, y), c + np.tile((x, y), 4), has, ig + (x, y, x, y), dash))
            return (out, *(np.concatenate([p[k] for p in parts]) for k in range(4)), any(p[4] for p in parts))
        out, b, c, has, ig, dash = self.single(w, h, (0.75, 2.2))
        return (out, *clip(b, c, has, ig, w, h), dash)


def moved(corners, m):
    p = np.concatenate((corners.reshape(-1, 2), np.ones((len(corners) * 4, 1))), 1) @ m.T
    return (p[:, :2] / np.maximum(p[:, 2:], 1e-3)).reshape(-1, 8).astype(np.float32)


def clip(b, c, has, ig, w, h):
    """Cut boxes at the border; plates mostly outside or too small to tell are ignored, not background."""
    ig = np.clip(ig, 0, (w, h, w, h)) if len(ig) else ig
    if not len(b):
        return b, c, has, ig
    cut = np.clip(b, 0, (w, h, w, h))
    area = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    left = (cut[:, 2] - cut[:, 0]).clip(0) * (cut[:, 3] - cut[:, 1]).clip(0)
    seen = left / np.maximum(area, 1e-6)
    good = (seen > 0.5) & (cut[:, 2] - cut[:, 0] >= 9) & (cut[:, 3] - cut[:, 1] >= 3.5)
    some = (left > 0) & ~good
    has = has & (seen > 0.97)
    ig = np.concatenate((ig, cut[some])) if some.any() else ig
    return cut[good], c[good], has[good], ig

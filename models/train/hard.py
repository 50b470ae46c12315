"""What misleads a detector: real plates that nobody labelled, and lettering that is no plate."""
import csv
import os
import numpy as np
import cv2
from detector_eval import overlap

# In the dash-cam runs nobody labelled the small plates: what a trained network finds there is mostly real.
UNLABELLED_SOURCES = {"romania": 0.35}


def add_unlabelled(scenes, path):
    """Real or doubtful plates without a label, found by eye among the detections: neither plate nor background."""
    by_file = {}
    for r in csv.DictReader(open(path, encoding="utf-8")):
        by_file.setdefault(r["file"], []).append([float(r[k]) for k in ("x1", "y1", "x2", "y2")])
    for s in scenes:
        if s["file"] in by_file:
            extra = np.array(by_file[s["file"]], np.float32) * s["scale"]
            s["ignore"] = np.concatenate((s["ignore"], extra))


class Words:
    """Lettering that is no plate: captions, time stamps, shop signs, names on vehicles; drawn from a folder of fonts."""

    SHAPES = ("word", "Word", "two words", "time", "date", "counter", "phone", "url", "price")

    def __init__(self, folders, seed, count=3000):
        from PIL import Image, ImageDraw, ImageFont
        rng = np.random.default_rng(seed)
        paths = sorted(os.path.join(f, n) for f in folders for n in os.listdir(f) if n.lower().endswith((".ttf", ".otf")))
        if not paths:
            raise SystemExit(f"no fonts in {folders}")
        self.items, fonts = [], {}
        while len(self.items) < count:
            text = self.text(rng)
            path = paths[rng.integers(len(paths))]
            try:
                if path not in fonts:
                    fonts[path] = ImageFont.truetype(path, 40)
                font = fonts[path]
                x1, y1, x2, y2 = font.getbbox(text)
            except OSError:
                continue
            if not (8 < x2 - x1 < 900 and 8 < y2 - y1 < 90):
                continue
            pad_x, pad_y = (int(v) for v in rng.uniform(2, 16, 2))
            size = (x2 - x1 + 2 * pad_x, y2 - y1 + 2 * pad_y)
            mask = Image.new("L", size, 0)
            ImageDraw.Draw(mask).text((pad_x - x1, pad_y - y1), text, 255, font)
            self.items.append(np.asarray(mask))

    def text(self, rng):
        letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        # Words alternate consonants and vowels: a plate's text seldom does.
        def word():
            n = int(rng.integers(3, 10))
            return "".join("AEIOU"[rng.integers(5)] if i % 2 else str(letters[rng.integers(26)]) for i in range(n))
        n = lambda a, b: int(rng.integers(a, b))
        kind = self.SHAPES[rng.integers(len(self.SHAPES))]
        return {
            "word": word, "Word": lambda: word().capitalize(), "two words": lambda: f"{word()} {word()}",
            "time": lambda: f"{n(0, 24):02}:{n(0, 60):02}:{n(0, 60):02}", "date": lambda: f"20{n(0, 30):02}/{n(1, 13):02}/{n(1, 32):02}",
            "counter": lambda: f"{n(0, 9):04}/{n(0, 99999):05}", "phone": lambda: f"0{n(100, 999)} {n(100, 999)} {n(100, 9999)}",
            "url": lambda: f"www.{word().lower()}.com", "price": lambda: f"{n(0, 9)}.{n(10, 99)}",
        }[kind]()

    def draw(self, rng):
        """-> RGB picture and its opacity: bare letters, or letters on a board."""
        mask = self.items[rng.integers(len(self.items))].astype(np.float32)[..., None] / 255
        ink = rng.uniform(0, 255, 3) if rng.random() < 0.5 else np.full(3, rng.choice([0.0, 255.0]))
        if rng.random() < 0.5:
            return np.broadcast_to(ink, mask.shape[:2] + (3,)).astype(np.float32), mask
        board = rng.uniform(0, 255, 3)
        if abs(board.mean() - ink.mean()) < 60:
            board = 255 - ink
        return board * (1 - mask) + ink * mask, np.ones_like(mask)


def write_words(rng, im, words, boxes):
    """Put lettering where no plate is. Changes `im`."""
    h, w = im.shape[:2]
    for _ in range(rng.integers(1, 4)):
        colour, alpha = words.draw(rng)
        width = float(np.exp(rng.uniform(np.log(0.04), np.log(0.4)))) * w
        height = width * colour.shape[0] / colour.shape[1]
        if height < 4 or height > h / 2:
            continue
        x, y = int(rng.uniform(0, w - width)), int(rng.uniform(0, h - height))
        near = np.array([[x - 4, y - 4, x + width + 4, y + height + 4]])
        if len(boxes) and overlap(near, boxes).max() > 0:
            continue
        size = (max(int(width), 4), max(int(height), 4))
        c, a = (cv2.resize(np.ascontiguousarray(v, np.float32), size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1) for v in (colour, alpha))
        a = a * rng.uniform(0.6, 1.0)
        place = im[y:y + size[1], x:x + size[0]]
        a, c = a[:place.shape[0], :place.shape[1]], c[:place.shape[0], :place.shape[1]]
        place[:] = np.clip(place * (1 - a) + c * a, 0, 255).astype(np.uint8)

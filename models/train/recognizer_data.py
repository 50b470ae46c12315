"""What the recogniser learns from, as tensors: real plates out of a pack and synthetic ones, each on a canvas of one shape.

A canvas is 3 x 128 x 256 bytes (RGB). The plate fills the middle, columns 48 to 208 and rows 24 to 104, whatever its own shape;
its surroundings, stretched alike, lie around it. `valid` says how far they go: what lies outside was not in the photograph.
"""
import glob
import gzip
import json
import os
import struct
from concurrent.futures import ThreadPoolExecutor
import cv2
import numpy as np
import torch
from recognizer_net import ALPHABET

CANVAS_H, CANVAS_W = 128, 256
# Left, top, right, bottom of the plate on a canvas.
PLATE = (48, 24, 208, 104)
# A synthetic plate with its holder: the plate and a tenth of its size on each side.
SPRITE_H, SPRITE_W = 96, 192
SPRITE = (32, 16)
LONGEST = 12
INDEX = {c: i for i, c in enumerate(ALPHABET)}

# Shares of the sources among real plates, by what they are worth and not by how many there are.
SHARES = {"usstates": 30, "openlpr": 13, "openimages2": 13, "openimages": 5, "romania": 8, "mixed": 8, "web": 4, "china": 4,
          "indonesia": 4, "indonesia2": 4, "vanity": 7, "colombia": 4, "philippines": 3, "punjab": 2, "makassar": 2, "taiwan": 2,
          "russia": 2, "thailand": 1, "openimages3": 2, "india": 2, "india2": 1.5, "poland2": 1}
# Sources of which only the rows that machines disagreed about were read by eye.
DISPUTED = {"usstates", "openlpr", "vanity", "indonesia2", "colombia", "philippines", "india"}
# Country codes by the first part of a synthetic design's name where that is no ISO code.
ALIASES = {"uk": "GB", "gb": "GB"}


def read_pack(path):
    """-> the entries, their pictures as encoded bytes"""
    with open(path, "rb") as f:
        size, count = struct.unpack("<QQ", f.read(16))
        entries = json.loads(gzip.decompress(f.read(size)))
        sizes = struct.unpack(f"<{count}I", f.read(4 * count))
        return entries, [f.read(n) for n in sizes]


def to_canvas(encoded, quad):
    """-> canvas, valid box (left, top, right, bottom), width over height of the plate"""
    image = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    quad = np.array(quad, np.float32).reshape(4, 2)
    l, t, r, b = PLATE
    m = cv2.getPerspectiveTransform(quad, np.array([[l, t], [r, t], [r, b], [l, b]], np.float32))
    canvas = cv2.warpPerspective(image, m, (CANVAS_W, CANVAS_H), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    h, w = image.shape[:2]
    ends = cv2.perspectiveTransform(np.array([[[0, 0], [w, 0], [w, h], [0, h]]], np.float32), m)[0]
    valid = max(ends[0, 0], ends[3, 0], 0), max(ends[0, 1], ends[1, 1], 0), min(ends[1, 0], ends[2, 0], CANVAS_W), min(ends[2, 1], ends[3, 1], CANVAS_H)
    width, height = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
    return canvas.transpose(2, 0, 1), valid, width / max(height, 1.0)


def encode(texts):
    """-> N x 12 symbols, N lengths"""
    symbols, lengths = np.zeros((len(texts), LONGEST), np.int64), np.array([len(t) for t in texts], np.int64)
    for i, text in enumerate(texts):
        symbols[i, :len(text)] = [INDEX[c] for c in text]
    return torch.from_numpy(symbols), torch.from_numpy(lengths)


class Plates:
    """Plates on canvases with their labels, all on one device; `cells` are the characters' sides in parts of the plate, or -1."""

    def __init__(self, canvases, valid, aspect, native, texts, lines, region, weight, cells, device):
        self.canvases = canvases
        floats = lambda v: torch.as_tensor(np.asarray(v, np.float32)).to(device)
        self.valid, self.aspect, self.native, self.weight, self.cells = map(floats, (valid, aspect, native, weight, cells))
        self.symbols, self.lengths = (t.to(device) for t in encode(texts))
        self.empty = torch.as_tensor(np.array([not t for t in texts])).to(device)
        self.lines = torch.as_tensor(np.asarray(lines)).long().to(device)
        self.region = torch.as_tensor(np.asarray(region)).long().to(device)

    def __len__(self):
        return len(self.canvases)


def region_codes(entries, designs, at_least=6):
    """The regions worth an output: all US ones, and countries of which there are pictures or designs."""
    counts = {}
    for e in entries:
        if e["split"] == "train" and e["region"]:
            counts[e["region"]] = counts.get(e["region"], 0) + 1
    codes = {c for c, n in counts.items() if n >= at_least and c != "US"} | set(designs)
    return sorted(codes)


def design_region(name):
    head = name.split("-")[0].lower()
    if head == "us" or len(head) != 2:
        return ""
    return ALIASES.get(head, head.upper())


def real_plates(entries, pictures, regions, device, threads=16):
    with ThreadPoolExecutor(threads) as pool:
        made = list(pool.map(lambda k: to_canvas(pictures[k], entries[k]["quad"]), range(len(entries))))
    canvases = torch.from_numpy(np.stack([m[0] for m in made])).to(device)
    order = {c: i for i, c in enumerate(regions)}
    return Plates(canvases, [m[1] for m in made], [m[2] for m in made], [e["native"] for e in entries], [e["text"] for e in entries],
                  [e["lines"] for e in entries], [order.get(e["region"], -1) for e in entries], [e["weight"] for e in entries],
                  [e.get("cells") or [[-1.0, -1.0]] * LONGEST for e in entries], device)


def draw_weights(entries, usable):
    """How often each plate is drawn: sources by their shares, every text of a source alike, plates read by eye more often."""
    weights = np.zeros(len(entries))
    groups = {}
    for i, e in enumerate(entries):
        if usable(e):
            groups.setdefault(e["source"], {}).setdefault(e["text"] or e["file"], []).append(i)
    for source, texts in groups.items():
        # What machines read differently was read by eye, and is what there is most to learn from.
        hard = lambda rows: source in DISPUTED and any(entries[i]["label"] == "eye" for i in rows)
        part = {text: 3.0 if hard(rows) else 1.0 for text, rows in texts.items()}
        total = sum(part.values())
        # Few texts are not drawn for ever.
        share = min(SHARES.get(source, 1.0), len(texts) / 15)
        for text, rows in texts.items():
            for i in rows:
                weights[i] = share * part[text] / total / len(rows) * (1.0 if entries[i]["text"] else 0.5)
    return weights


def sprite_files(pattern):
    for path in sorted(glob.glob(pattern)):
        if os.path.exists(path[:-4] + ".txt"):
            yield path


def read_sprites(path, regions, device):
    """A shard of `synth framed`: PREFIX.rgb and PREFIX.txt -> Plates; `valid` is the holder's box, `framed` tells who has one."""
    rows = [line.rstrip("\n").split("\t") for line in open(path[:-4] + ".txt", encoding="utf-8")]
    pixels = torch.from_numpy(np.fromfile(path, np.uint8).reshape(-1, SPRITE_H, SPRITE_W, 3)[:len(rows)])
    rows = rows[:len(pixels)]
    sprites = pixels.to(device).permute(0, 3, 1, 2).contiguous()
    l, t, r, b = PLATE
    outer = np.array([[float(v) for v in row[4].split(",")] for row in rows]) * [r - l, b - t, r - l, b - t] + [l, t, l, t]
    cells = np.full((len(rows), LONGEST, 2), -1.0)
    for i, row in enumerate(rows):
        for k, cell in enumerate(row[5].split()[:LONGEST]):
            cells[i, k] = [float(v) for v in cell.split(",")]
    order = {c: i for i, c in enumerate(regions)}
    return Plates(sprites, outer, [float(row[2]) for row in rows], [200.0] * len(rows), [row[0] for row in rows], [int(row[1]) for row in rows],
                  [order.get(design_region(row[3]), -1) for row in rows], [1.0] * len(rows), cells, device)

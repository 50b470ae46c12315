#!/usr/bin/env python3
"""Fit how much a text says about whether a detection is a plate: `[recognizer.verification]` of the manifest.

    verify.py raw MANIFEST RAW                       a manifest that reports everything the detector suspects
    platewarden evaluate DATA --model RAW --split train --out TRAIN.jsonl        (and the same with dev)
    verify.py fit TRAIN.jsonl --data ../../../shared/data [--dev DEV.jsonl]

Prints the section to put into the manifest. It is fitted on train pictures alone; with --dev the share of plates found is
shown against the false positives a picture, by the scorer's rules, for the detector alone and with the text's word.
"""
import argparse
import csv
import json
import os
import re
import numpy as np
from detector_eval import overlap
from hard import UNLABELLED_SOURCES

LENGTHS = 11
NAMES = ("bias", "detector", "text", "digits", "letters_alone", "digits_alone", "aspect", "aspect_squared", "size")


def logit(p):
    p = min(max(p, 1e-4), 1 - 1e-4)
    return np.log(p / (1 - p))


def features(plate, area):
    """As crates/platewarden/src/verification.rs has them: the NAMES, then one column for each length."""
    text, (_, _, w, h) = plate["text"], plate["bbox"]
    w, h = max(w, 1), max(h, 1)
    digits, read = sum(c.isdigit() for c in text), bool(text)
    aspect = np.log(w / h)
    return [1, logit(plate["score"]), logit(plate["confidence"]) if read else 0, min(digits, 4) / 4, read and digits == 0, read and digits == len(text),
            aspect, aspect ** 2, np.log(w / area ** 0.5)] + [min(len(text), LENGTHS - 1) == k for k in range(LENGTHS)]


def load(data, split, path):
    predictions = {d["image"]: d["plates"] for d in map(json.loads, open(path, encoding="utf-8"))}
    rows = lambda name: csv.DictReader(open(os.path.join(data, name), encoding="utf-8"))
    truth = {}
    for r in rows("plates.csv"):
        truth.setdefault(r["file"], []).append((tuple(float(r[k]) for k in ("x1", "y1", "x2", "y2")), r["flags"]))
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "unlabelled.csv")
    unlabelled = {}
    for r in csv.DictReader(open(here, encoding="utf-8")):
        unlabelled.setdefault(r["file"], []).append([float(r[k]) for k in ("x1", "y1", "x2", "y2")])
    out = dict(x=[], y=[], skip=[], wide=[], found=[], score=[], plates=0, pictures=0)
    for s in rows("scenes.csv"):
        if s["split"] != split:
            continue
        out["pictures"] += 1
        labelled = truth.get(s["file"], [])
        boxes = np.array([b for b, _ in labelled], float).reshape(-1, 4)
        asked = {k for k, (b, flags) in enumerate(labelled) if b[2] - b[0] >= 20 and b[3] - b[1] >= 8 and "notplate" not in flags}
        out["plates"] += len(asked)
        for p in predictions[s["file"]]:
            x, y, w, h = p["bbox"]
            box = np.array([[x, y, x + w, y + h]])
            fit = overlap(box, boxes)[0]
            best = fit.max() if len(fit) else 0
            known = overlap(box, np.array(unlabelled.get(s["file"], []), float).reshape(-1, 4))[0]
            out["x"].append(features(p, float(s["width"]) * float(s["height"])))
            out["y"].append(best >= 0.3)
            # Neither for nor against: half a plate, and plates that nobody labelled.
            out["skip"].append(0.1 < best < 0.4 or (known > 0.3).any() or (best < 0.3 and s["source"] in UNLABELLED_SOURCES))
            out["wide"].append(w >= 48)
            out["score"].append(p["score"])
            out["found"].append([(s["file"], k) for k in asked if fit[k] >= 0.5])
    return {k: np.array(v, float) if k == "x" else np.array(v) if k not in ("found", "plates", "pictures") else v for k, v in out.items()}


def regress(x, y, weight, ridge=2.0, rounds=30):
    """Logistic regression by Newton's method; the constant is not held back."""
    b, hold = np.zeros(x.shape[1]), np.full(x.shape[1], ridge)
    hold[0] = 1e-6
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ b))
        gradient = x.T @ (weight * (y - p)) - hold * b
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(hold)
        b = b + np.linalg.solve(hessian, gradient)
    return b


def curve(d, score):
    seen, false, out = set(), 0, {}
    for i in np.argsort(-score):
        if not d["y"][i] and d["wide"][i]:
            false += 1
            for budget in (0.02, 0.04, 0.06, 0.1, 0.15, 0.2, 0.3):
                if false > budget * d["pictures"] and budget not in out:
                    out[budget] = (round(100 * len(seen) / d["plates"], 1), round(float(score[i]), 2))
        seen.update(d["found"][i])
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = ap.add_subparsers(dest="way", required=True)
    raw = ways.add_parser("raw")
    raw.add_argument("manifest")
    raw.add_argument("out")
    raw.add_argument("--min-score", type=float, default=0.1)
    fit = ways.add_parser("fit")
    fit.add_argument("train")
    fit.add_argument("--data", default="../../../shared/data")
    fit.add_argument("--dev")
    fit.add_argument("--min-score", type=float, default=0.5, help="what to write as min_score")
    a = ap.parse_args()
    if a.way == "raw":
        text = open(a.manifest, encoding="utf-8").read()
        text = re.sub(r"(?ms)^# [^\n]*\n\[recognizer\.verification\].*?(?=^\[|\Z)|^\[recognizer\.verification\].*?(?=^\[|\Z)", "", text)
        text = re.sub(r"(?m)^min_score = .*$", f"min_score = {a.min_score}", text)
        folder = os.path.dirname(os.path.abspath(a.manifest))
        text = re.sub(r'(?m)^file = "(.*)"$', lambda m: f'file = "{os.path.relpath(os.path.join(folder, m[1]), os.path.dirname(os.path.abspath(a.out)))}"', text)
        open(a.out, "w", encoding="utf-8").write(text)
        return
    train = load(a.data, "train", a.train)
    use = ~train["skip"]
    # Small things that nobody labelled are often plates after all: they count less.
    weight = np.where(~train["y"] & ~train["wide"], 0.3, 1.0)
    b = regress(train["x"][use], train["y"][use].astype(float), weight[use])
    if a.dev:
        dev = load(a.data, "dev", a.dev)
        print("# detector alone:", curve(dev, dev["score"]))
        print("# with the text: ", curve(dev, 1 / (1 + np.exp(-dev["x"] @ b))))
    print("[recognizer.verification]")
    print(f"min_score = {a.min_score}")
    for name, value in zip(NAMES, b):
        print(f"{name} = {value:.3f}")
    print("length = [" + ", ".join(f"{v:.3f}" for v in b[len(NAMES):]) + "]")


if __name__ == "__main__":
    main()

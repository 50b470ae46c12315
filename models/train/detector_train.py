#!/usr/bin/env python3
"""Train the plate detector.

    detector_train.py --data ../../../shared/data --out work/det1 --minutes 100 [--sprites PREFIX] [--fonts DIR ...] [--resume]
"""
import argparse
import os
import queue
import threading
import numpy as np
import torch
from detector_net import Detector
from detector_loss import loss
from detector_eval import evaluate
from hard import add_unlabelled, mine, Words
from scenes import read_scenes, Augment, Sprites
from training import Run, add_options, prepare

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
add_options(ap, batch=16, lr=2e-3, eval_every=20)
ap.add_argument("--size", type=int, default=320)
ap.add_argument("--sprites", default="")
ap.add_argument("--fonts", nargs="*", default=[], help="folders of fonts for lettering that is no plate")
ap.add_argument("--mine-every", type=float, default=15, help="minutes between two looks for mistakes")
ap.add_argument("--channels", default="16,24,48,96,144")
a = ap.parse_args()
prepare(a)
train, dev = read_scenes(a.data, "train"), read_scenes(a.data, "dev")
add_unlabelled(train, os.path.join(os.path.dirname(os.path.abspath(__file__)), "unlabelled.csv"))
mistakes = {"false": [], "missed": []}
words = Words(a.fonts, a.seed) if a.fonts else None
net = Detector(tuple(int(v) for v in a.channels.split(","))).to(memory_format=torch.channels_last)
if a.init:
    net.load_state_dict(torch.load(a.init, weights_only=True))
run = Run(a, net, clip=10.0, warm_up=200, floor=0.02)
run.log(f"{sum(p.numel() for p in net.parameters())} parameters, {len(train)} train and {len(dev)} dev pictures, args {vars(a)}")
batches = queue.Queue(4)


def feed(seed):
    sprites = None
    aug = Augment(train, a.size, None, seed, words=words, mistakes=mistakes)
    rng = np.random.default_rng(seed + 1)
    while True:
        # Sprites may be generated while training already runs.
        if sprites is None and a.sprites and os.path.exists(a.sprites + ".txt"):
            sprites = aug.sprites = Sprites(a.sprites)
            run.log("sprites in use:", sprites.n)
        size = int(rng.choice([a.size - 64, a.size, a.size, a.size + 64]))
        n = max(4, round(a.batch * a.size * a.size / (size * size)))
        items = [aug.sample(size) for _ in range(n)]
        batches.put((np.stack([i[0] for i in items]), [i[1] for i in items]))


threading.Thread(target=feed, args=(a.seed * 1000 + run.seen,), daemon=True).start()


sums, count = np.zeros(3), 0
while not run.over():
    # A network that has learnt nothing yet makes mistakes everywhere.
    if (run.seen > 20000 or a.init) and run.due("mine", a.mine_every):
        mistakes["false"], mistakes["missed"] = mine(run.ema, train)
        run.log(f"{len(mistakes['false'])} false detections and {len(mistakes['missed'])} missed plates on the training pictures")
        run.pause()
    images, targets = batches.get()
    run.begin()
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(255)
    t = [dict(gt=torch.from_numpy(k["gt"]), corners=torch.from_numpy(k["corners"]), has=torch.from_numpy(k["has"]),
              ignore=torch.from_numpy(k["ignore"]), weight8=k["weight8"]) for k in targets]
    with torch.autocast("cpu", torch.bfloat16):
        maps = net(x)
    ls, lb, lc = loss([m.float() for m in maps], t)
    run.step(ls + 2.0 * lb + 1.0 * lc, len(images))
    sums += [float(v.detach()) for v in (ls, lb, lc)]
    count += 1
    if run.steps % 100 == 0:
        means = sums / count
        run.log(f"{run.seen} pictures, {run.used / 60:.1f} min, score {means[0]:.3f} box {means[1]:.3f} corners {means[2]:.4f} lr {run.lr:.2e}")
        sums, count = np.zeros(3), 0
        run.save()
    if run.due("eval", a.eval_every, first=False) or run.over():
        figures, corner = evaluate(run.ema, dev)
        run.log("dev", figures, f"corner error {corner:.3f} of plate height")
        run.pause()
run.save()
run.log("done")

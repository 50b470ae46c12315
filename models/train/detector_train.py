#!/usr/bin/env python3
"""Train the plate detector.

    detector_train.py --data ../../../shared/data --out work/det1 --minutes 100 [--sprites PREFIX] [--fonts DIR ...] [--resume]

Writes OUT/last.pt (everything needed to resume), OUT/ema.pt (averaged weights) and OUT/log.txt.
The learning rate follows the share of --minutes used, so that a busy machine still ends on a cooled-down network.
"""
import argparse
import copy
import math
import os
import queue
import threading
import time
import numpy as np
import cv2
import torch
from detector_net import Detector
from detector_loss import loss
from detector_eval import evaluate
from hard import add_unlabelled, mine, Words
from scenes import read_scenes, Augment, Sprites

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--data", default="../../../shared/data")
ap.add_argument("--out", required=True)
ap.add_argument("--minutes", type=float, default=100)
ap.add_argument("--batch", type=int, default=16)
ap.add_argument("--size", type=int, default=320)
ap.add_argument("--lr", type=float, default=2e-3)
ap.add_argument("--sprites", default="")
ap.add_argument("--fonts", nargs="*", default=[], help="folders of fonts for lettering that is no plate")
ap.add_argument("--mine-every", type=float, default=15, help="minutes between two looks for mistakes")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--eval-every", type=float, default=20, help="minutes")
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--resume", action="store_true")
ap.add_argument("--init", default="", help="start from these weights")
ap.add_argument("--channels", default="16,24,48,96,144")
a = ap.parse_args()
torch.set_num_threads(a.threads)
cv2.setNumThreads(1)
torch.manual_seed(a.seed)
os.makedirs(a.out, exist_ok=True)
log_file = open(os.path.join(a.out, "log.txt"), "a", buffering=1)


def log(*words):
    line = time.strftime("%H:%M:%S ") + " ".join(str(w) for w in words)
    print(line, flush=True)
    log_file.write(line + "\n")


train, dev = read_scenes(a.data, "train"), read_scenes(a.data, "dev")
add_unlabelled(train, os.path.join(os.path.dirname(os.path.abspath(__file__)), "unlabelled.csv"))
mistakes = {"false": [], "missed": []}
words = Words(a.fonts, a.seed) if a.fonts else None
net = Detector(tuple(int(v) for v in a.channels.split(","))).to(memory_format=torch.channels_last)
if a.init:
    net.load_state_dict(torch.load(a.init, weights_only=True))
ema = copy.deepcopy(net)
decay, no_decay = [], []
for p in net.parameters():
    (decay if p.ndim > 1 else no_decay).append(p)
opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.03}, {"params": no_decay, "weight_decay": 0.0}], lr=a.lr)
seen = steps = 0
used = 0.0
if a.resume and os.path.exists(os.path.join(a.out, "last.pt")):
    s = torch.load(os.path.join(a.out, "last.pt"), weights_only=True)
    net.load_state_dict(s["net"]), ema.load_state_dict(s["ema"]), opt.load_state_dict(s["opt"])
    seen, steps, used = s["seen"], s["steps"], s["used"]
log(f"{sum(p.numel() for p in net.parameters())} parameters, {len(train)} train and {len(dev)} dev pictures, args {vars(a)}")

batches = queue.Queue(4)


def feed(seed):
    sprites = None
    aug = Augment(train, a.size, None, seed, words=words, mistakes=mistakes)
    rng = np.random.default_rng(seed + 1)
    while True:
        # Sprites may be generated while training already runs.
        if sprites is None and a.sprites and os.path.exists(a.sprites + ".txt"):
            sprites = aug.sprites = Sprites(a.sprites)
            log("sprites in use:", sprites.n)
        size = int(rng.choice([a.size - 64, a.size, a.size, a.size + 64]))
        n = max(4, round(a.batch * a.size * a.size / (size * size)))
        items = [aug.sample(size) for _ in range(n)]
        batches.put((np.stack([i[0] for i in items]), [i[1] for i in items]))


threading.Thread(target=feed, args=(a.seed * 1000 + seen,), daemon=True).start()


def save():
    state = dict(net=net.state_dict(), ema=ema.state_dict(), opt=opt.state_dict(), seen=seen, steps=steps, used=used)
    torch.save(state, os.path.join(a.out, "last.tmp"))
    os.replace(os.path.join(a.out, "last.tmp"), os.path.join(a.out, "last.pt"))
    torch.save(ema.state_dict(), os.path.join(a.out, "ema.pt"))


total = a.minutes * 60
tick = time.time()
last_eval, last_mined, sums, count = used, -1e9, np.zeros(3), 0
while used < total:
    # A network that has learnt nothing yet makes mistakes everywhere.
    if used - last_mined > a.mine_every * 60 and (seen > 20000 or a.init):
        last_mined = used
        mistakes["false"], mistakes["missed"] = mine(ema, train)
        log(f"{len(mistakes['false'])} false detections and {len(mistakes['missed'])} missed plates on the training pictures")
        tick = time.time()
    images, targets = batches.get()
    now = time.time()
    used += min(now - tick, 30)
    tick = now
    share = min(used / total, 1.0)
    lr = a.lr * min(1.0, (steps + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
    for g in opt.param_groups:
        g["lr"] = lr
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(255)
    t = [dict(gt=torch.from_numpy(k["gt"]), corners=torch.from_numpy(k["corners"]), has=torch.from_numpy(k["has"]),
              ignore=torch.from_numpy(k["ignore"]), weight8=k["weight8"]) for k in targets]
    net.train()
    with torch.autocast("cpu", torch.bfloat16):
        maps = net(x)
    ls, lb, lc = loss([m.float() for m in maps], t)
    total_loss = ls + 2.0 * lb + 1.0 * lc
    opt.zero_grad(set_to_none=True)
    total_loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
    opt.step()
    steps += 1
    seen += len(images)
    d = min(0.9995, (1 + steps) / (20 + steps))
    with torch.no_grad():
        for e, v in zip(ema.state_dict().values(), net.state_dict().values()):
            if e.dtype.is_floating_point:
                e.lerp_(v, 1 - d)
            else:
                e.copy_(v)
    sums += [float(v.detach()) for v in (ls, lb, lc)]
    count += 1
    if steps % 100 == 0:
        log(f"{seen} pictures, {used / 60:.1f} min, score {sums[0] / count:.3f} box {sums[1] / count:.3f} corners {sums[2] / count:.4f} lr {lr:.2e}")
        sums, count = np.zeros(3), 0
        save()
    if used - last_eval > a.eval_every * 60 or used >= total:
        last_eval = used
        figures, corner = evaluate(ema, dev)
        log("dev", figures, f"corner error {corner:.3f} of plate height")
        tick = time.time()
save()
log("done")

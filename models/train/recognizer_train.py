#!/usr/bin/env python3
"""Train the plate recogniser.

    recognizer_train.py --data ../../../shared/data --synth 'work/crops_s*.u8' --out work/rec1 --minutes 100 [--resume]

Writes OUT/last.pt (everything needed to resume), OUT/ema.pt (averaged weights) and OUT/log.txt. New shards that match
--synth are taken up while training runs.
"""
import argparse
import copy
import math
import os
import queue
import threading
import time
from collections import defaultdict
import numpy as np
import cv2
import torch
import torch.nn.functional as F
from plates import Real, Mixer, cut
from recognizer_net import Recognizer, ALPHABET, BLANK, greedy

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--data", default="../../../shared/data")
ap.add_argument("--synth", default="work/crops_s*.u8")
ap.add_argument("--out", required=True)
ap.add_argument("--minutes", type=float, default=100)
ap.add_argument("--batch", type=int, default=64)
ap.add_argument("--lr", type=float, default=1.5e-3)
ap.add_argument("--real", type=float, default=0.35, help="share of real crops")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--eval-every", type=float, default=10, help="minutes")
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--resume", action="store_true")
ap.add_argument("--init", default="", help="start from these weights")
ap.add_argument("--mined", default="", help="what mine.py wrote: trains the output that tells plates from other things")
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


train, dev = Real(a.data, "train", negatives=2), Real(a.data, "dev")
net = Recognizer().to(memory_format=torch.channels_last)
if a.init:
    # A network from before the plate output existed has no weights for it.
    missing, unexpected = net.load_state_dict(torch.load(a.init, weights_only=True), strict=False)
    if unexpected or any(not k.startswith(("look.", "plate.")) for k in missing):
        raise SystemExit(f"{a.init} is of another network: {missing} {unexpected}")
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
log(f"{sum(p.numel() for p in net.parameters())} parameters, {len(train.items)} real crops of {len(train.by_text)} texts, "
    f"{len(train.negatives)} empty ones, {len(dev.items)} dev, args {vars(a)}")
batches = queue.Queue(6)
INDEX = {c: i for i, c in enumerate(ALPHABET)}


def feed(seed):
    mixer = Mixer(train, a.synth, a.real, seed=seed, mined=a.mined)
    n = 0
    while True:
        items = [mixer.sample() for _ in range(a.batch)]
        batches.put((np.stack([i[0] for i in items]), *([i[k] for i in items] for k in (1, 2, 3))))
        n += 1
        if n % 500 == 0:
            mixer.scan()


threading.Thread(target=feed, args=(a.seed * 1000 + seen,), daemon=True).start()


def tensor(images):
    return torch.from_numpy(images)[:, None].float().div_(127.5).sub_(1)


@torch.inference_mode()
def evaluate(model):
    model.eval()
    images = np.stack([cut(i["image"], i["box"][[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)) for i in dev.items])
    right, count = defaultdict(int), defaultdict(int)
    for k in range(0, len(images), 64):
        for it, (text, _) in zip(dev.items[k:k + 64], greedy(model(tensor(images[k:k + 64]))[0])):
            for g in (it["source"], "all"):
                count[g] += 1
                right[g] += text == it["text"]
    return {g: round(100 * right[g] / count[g], 1) for g in sorted(count, key=lambda g: (g != "all", g))}


def save():
    state = dict(net=net.state_dict(), ema=ema.state_dict(), opt=opt.state_dict(), seen=seen, steps=steps, used=used)
    torch.save(state, os.path.join(a.out, "last.tmp"))
    os.replace(os.path.join(a.out, "last.tmp"), os.path.join(a.out, "last.pt"))
    torch.save(ema.state_dict(), os.path.join(a.out, "ema.pt"))


total = a.minutes * 60
tick, last_eval, running, count = time.time(), used, 0.0, 0
while used < total:
    images, texts, lines, kinds = batches.get()
    now = time.time()
    used += min(now - tick, 30)
    tick = now
    share = min(used / total, 1.0)
    for g in opt.param_groups:
        g["lr"] = a.lr * min(1.0, (steps + 1) / 300) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))
    net.train()
    with torch.autocast("cpu", torch.bfloat16):
        logits, is_plate = net(tensor(images))
    known = torch.tensor([t is not None for t in texts])
    texts = [t or "" for t in texts]
    lp = logits.float().squeeze(2).permute(2, 0, 1).log_softmax(2)
    # A plate of one line is read by the upper readout alone, the lower one must stay silent: otherwise the text could
    # be split between the two anywhere, and the network would take long to settle on one way.
    half = lp.shape[0] // 2
    single = torch.tensor([n == 1 for n in lines])
    silence = -lp[half:, :, BLANK].sum(0)
    blank = torch.full((1, 1, BLANK + 1), -30.0)
    blank[..., BLANK] = 0.0
    lower = torch.where(single[None, :, None], blank, lp[half:])
    lp = torch.cat((lp[:half], lower))
    lengths = torch.tensor([len(t) for t in texts])
    target = torch.tensor([INDEX[c] for t in texts for c in t])
    each = F.ctc_loss(lp, target, torch.full((len(texts),), lp.shape[0]), lengths, blank=BLANK, reduction="none", zero_infinity=True)
    l = ((each + single * silence.clamp(max=60)) / lengths.clamp(min=1) ** 0.5 * known).sum() / known.sum().clamp(min=1)
    if a.mined:
        l = l + F.binary_cross_entropy_with_logits(is_plate.float(), torch.tensor(kinds, dtype=torch.float32))
    opt.zero_grad(set_to_none=True)
    l.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
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
    running += float(l.detach())
    count += 1
    if steps % 100 == 0:
        log(f"{seen} crops, {used / 60:.1f} min, loss {running / count:.3f} lr {opt.param_groups[0]['lr']:.2e}")
        running, count = 0.0, 0
        if steps % 500 == 0:
            save()
    if used - last_eval > a.eval_every * 60 or used >= total:
        last_eval = used
        log("dev", evaluate(ema))
        tick = time.time()
save()
log("done")

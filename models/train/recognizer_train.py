#!/usr/bin/env python3
"""Train the plate recogniser.

    recognizer_train.py --data ../../../shared/data --synth 'work/crops_s*.u8' --out work/rec1 --minutes 100 [--resume]

New shards that match --synth are taken up while training runs.
"""
import argparse
import queue
import threading
from collections import defaultdict
import numpy as np
import torch
import torch.nn.functional as F
from plates import Real, Mixer, cut
from recognizer_net import Recognizer, load, ALPHABET, BLANK, greedy
from training import Run, add_options, prepare

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
add_options(ap, batch=64, lr=1.5e-3, eval_every=10)
ap.add_argument("--synth", default="work/crops_s*.u8")
ap.add_argument("--real", type=float, default=0.35, help="share of real crops")
a = ap.parse_args()
prepare(a)
train, dev = Real(a.data, "train", negatives=2), Real(a.data, "dev")
net = (load(a.init) if a.init else Recognizer()).to(memory_format=torch.channels_last)
run = Run(a, net, clip=5.0, warm_up=300, floor=0.01)
run.log(f"{sum(p.numel() for p in net.parameters())} parameters, {len(train.items)} real crops of {len(train.by_text)} texts, "
        f"{len(train.negatives)} empty ones, {len(dev.items)} dev, args {vars(a)}")
batches = queue.Queue(6)
INDEX = {c: i for i, c in enumerate(ALPHABET)}


def feed(seed):
    mixer = Mixer(train, a.synth, a.real, seed=seed)
    n = 0
    while True:
        items = [mixer.sample() for _ in range(a.batch)]
        batches.put((np.stack([i[0] for i in items]), *([i[k] for i in items] for k in (1, 2))))
        n += 1
        if n % 500 == 0:
            mixer.scan()


threading.Thread(target=feed, args=(a.seed * 1000 + run.seen,), daemon=True).start()


def tensor(images):
    return torch.from_numpy(images)[:, None].float().div_(127.5).sub_(1)


@torch.inference_mode()
def evaluate(model):
    model.eval()
    images = np.stack([cut(i["image"], i["box"][[0, 1, 2, 1, 2, 3, 0, 3]].reshape(4, 2)) for i in dev.items])
    right, count = defaultdict(int), defaultdict(int)
    for k in range(0, len(images), 64):
        for it, (text, _) in zip(dev.items[k:k + 64], greedy(model(tensor(images[k:k + 64])))):
            for g in (it["source"], "all"):
                count[g] += 1
                right[g] += text == it["text"]
    return {g: round(100 * right[g] / count[g], 1) for g in sorted(count, key=lambda g: (g != "all", g))}


running, count = 0.0, 0
while not run.over():
    images, texts, lines = batches.get()
    run.begin()
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(tensor(images))
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
    l = ((each + single * silence.clamp(max=60)) / lengths.clamp(min=1) ** 0.5).mean()
    run.step(l, len(images))
    running += float(l.detach())
    count += 1
    if run.steps % 100 == 0:
        run.log(f"{run.seen} crops, {run.used / 60:.1f} min, loss {running / count:.3f} lr {run.lr:.2e}")
        running, count = 0.0, 0
        if run.steps % 500 == 0:
            run.save()
    if run.due("eval", a.eval_every, first=False) or run.over():
        run.log("dev", evaluate(run.ema))
        run.pause()
run.save()
run.log("done")

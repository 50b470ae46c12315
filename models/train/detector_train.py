#!/usr/bin/env python3
"""Train several detectors at once on one GPU (or slowly on a CPU), from the packed pictures of `pack_detector.py`, until a point in time.

    detector_train.py --package DIR --out DIR --until EPOCH_SECONDS --variants v1:init=v1.pt,lr=1e-3 lean:widths=32-48-96-128-48,depths=1-2-2-1-1

Writes OUT/det_NAME.pt (averaged weights and the shape) every half minute and at the end, and OUT/det_NAME.log.
"""
import argparse
import copy
import json
import math
import os
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import torch
from PIL import Image
from detector_eval import nms, overlap
from detector_loss import loss
from detector_net import decode
from detectors import make
from hard import UNLABELLED_SOURCES, Words
from photometric import Photometric
from pictures import MOST_PLATES
from pool import Pool, SHARES

LABELS = ("gt", "corners", "has", "valid", "ignore", "faint")


def read_package(folder, limit):
    """-> scenes as `scenes.read_scenes` gives them, and plate crops."""
    import io

    def unpack(name):
        index = json.load(open(os.path.join(folder, name + ".json")))[:limit]
        data = open(os.path.join(folder, name + ".bin"), "rb").read()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            images = pool.map(lambda r: np.asarray(Image.open(io.BytesIO(data[r["at"]:r["at"] + r["n"]])).convert("RGB")), index)
            return [dict(r, image=im) for r, im in zip(index, images)]

    scenes, crops = unpack("scenes"), unpack("crops")
    for s in scenes:
        for name, width in (("boxes", 4), ("corners", 8), ("ignore", 4)):
            s[name] = np.array(s[name], np.float32).reshape(-1, width)
        s["has"] = np.array(s["has"], bool)
    return scenes, crops


class Sprites:
    """Drawn plates as `synth plates` writes them: PREFIX.rgb, PREFIX.txt (width over height in the third column), and their size."""

    def __init__(self, prefix, width, height):
        self.rows = [float(line.split("\t")[2]) for line in open(prefix + ".txt", encoding="utf-8")]
        self.pixels = np.memmap(prefix + ".rgb", np.uint8, "r").reshape(-1, height, width, 3)

    def draw(self, rng):
        i = rng.integers(len(self.rows))
        return np.asarray(self.pixels[i]), self.rows[i]


class Trainer:
    def __init__(self, a, pool, number, name, options):
        self.a, self.pool, self.number, self.name, self.options = a, pool, number, name, options
        self.device = torch.device(a.device)
        torch.manual_seed(a.seed + number)
        self.cuda = self.device.type == "cuda"
        torch.set_num_threads(1)
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        net = make(options)
        if "init" in options:
            net.load_state_dict(torch.load(os.path.join(a.package, options["init"]), weights_only=True))
        self.net = net.to(self.device, memory_format=torch.channels_last).train()
        self.ema = copy.deepcopy(self.net).eval()
        self.params = list(self.net.parameters())
        self.base = float(options.get("lr", 2.5e-3))
        self.lr = torch.tensor(self.base, device=self.device)
        self.mix = torch.tensor(0.5, device=self.device)
        groups = [{"params": [p for p in self.params if p.ndim > 1], "weight_decay": 0.03},
                  {"params": [p for p in self.params if p.ndim == 1], "weight_decay": 0.0}]
        self.opt = torch.optim.AdamW(groups, lr=self.lr if self.cuda else self.base, capturable=self.cuda, foreach=True)
        for p in self.params:
            p.grad = torch.zeros_like(p)
        self.photometric = Photometric(self.device)
        self.sums = torch.zeros(3, device=self.device)
        self.static = []
        for images in pool.images:
            shape = (a.batch, *images.shape[1:])
            t = dict(gt=torch.zeros(a.batch, MOST_PLATES, 4), corners=torch.zeros(a.batch, MOST_PLATES, 8), has=torch.zeros(a.batch, MOST_PLATES, dtype=torch.bool),
                     valid=torch.zeros(a.batch, MOST_PLATES, dtype=torch.bool), ignore=torch.zeros(a.batch, pool.labels[0]["ignore"].shape[1], 4), faint=torch.ones(a.batch))
            self.static.append((torch.zeros(shape, dtype=torch.uint8, device=self.device), {k: v.to(self.device) for k, v in t.items()}))
        self.graphs = {}
        self.steps = self.seen = 0
        self.start = time.time()
        self.file = open(os.path.join(a.out, f"det_{name}.log"), "a", buffering=1)
        self.queue = queue.Queue(2)

    def log(self, *words):
        line = time.strftime("%H:%M:%S ") + " ".join(str(w) for w in words)
        print(self.name, line, flush=True)
        self.file.write(line + "\n")

    def feed(self):
        """Thread: batches from the pool into pinned memory."""
        rng = np.random.default_rng(self.a.seed * 77 + self.number)
        pin = (lambda t: t.pin_memory()) if self.cuda else (lambda t: t)
        slots = []
        for s, images in enumerate(self.pool.images):
            for _ in range(4):
                x = pin(torch.zeros((self.a.batch, *images.shape[1:]), dtype=torch.uint8))
                t = {k: pin(torch.zeros_like(v, device="cpu")) for k, v in self.static[s][1].items()}
                slots.append((s, x, t, [None]))
        raw = [np.zeros(self.a.batch, labels.dtype) for labels in self.pool.labels]
        use = [0] * len(self.pool.images)
        while True:
            s = int(rng.random() > SHARES[0]) if len(self.pool.images) > 1 else 0
            _, x, t, event = slots[4 * s + use[s] % 4]
            use[s] += 1
            if event[0] is not None:
                event[0].synchronize()
            self.pool.take(s, self.a.batch, rng, x.numpy(), raw[s])
            r = raw[s]
            t["gt"].copy_(torch.from_numpy(r["gt"])), t["corners"].copy_(torch.from_numpy(r["corners"]))
            t["has"].copy_(torch.from_numpy(r["has"].astype(bool))), t["ignore"].copy_(torch.from_numpy(r["ignore"]))
            t["valid"].copy_(torch.from_numpy(np.arange(MOST_PLATES)[None] < r["plates"][:, None])), t["faint"].copy_(torch.from_numpy(r["faint"].copy()))
            self.queue.put((s, x, t, event))

    def work(self, s):
        """One step on the static batch of shape s: all of it, so that it can be recorded."""
        images, labels = self.static[s]
        x = self.photometric(images).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.cuda, cache_enabled=False):
            maps = self.net(x)
        ls, lb, lc = loss([m.float() for m in maps], labels)
        torch._foreach_zero_([p.grad for p in self.params])
        (ls + 2.0 * lb + 1.2 * lc).backward()
        torch.nn.utils.clip_grad_norm_(self.params, 10.0, foreach=True)
        self.opt.step()
        with torch.no_grad():
            ours, theirs = self.floating(self.ema), self.floating(self.net)
            difference = torch._foreach_sub(theirs, ours)
            torch._foreach_mul_(difference, self.mix)
            torch._foreach_add_(ours, difference)
            self.sums.lerp_(torch.stack((ls, lb, lc)).detach(), 0.02)

    @staticmethod
    def floating(net):
        return [v for v in net.state_dict().values() if v.dtype.is_floating_point]

    def record(self):
        """CUDA graphs of the step for each shape; without them where recording fails."""
        if not self.cuda or self.a.eager:
            return
        try:
            stream = torch.cuda.Stream()
            for s in range(len(self.static)):
                stream.wait_stream(torch.cuda.current_stream())
                with torch.cuda.stream(stream):
                    for _ in range(3):
                        self.work(s)
                torch.cuda.current_stream().wait_stream(stream)
                torch.cuda.synchronize()
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph, pool=next(iter(self.graphs.values())).pool() if self.graphs else None, capture_error_mode="thread_local"):
                    self.work(s)
                self.graphs[s] = graph
            self.log("recorded", len(self.graphs), "graphs")
        except Exception as e:
            self.graphs = {}
            torch.cuda.synchronize()
            self.log("no graphs:", repr(e)[:300])

    def share(self):
        return min(max((time.time() - self.start) / max(self.a.until - self.start, 1), 0), 1)

    def step(self):
        s, x, t, event = self.queue.get()
        images, labels = self.static[s]
        images.copy_(x, non_blocking=True)
        for k in LABELS:
            labels[k].copy_(t[k], non_blocking=True)
        if self.cuda:
            event[0] = torch.cuda.Event()
            event[0].record()
        share, floor = self.share(), 0.01
        warm = min(1.0, (self.steps + 1) / 200)
        self.lr.fill_(self.base * warm * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * share))))
        if not self.cuda:
            for group in self.opt.param_groups:
                group["lr"] = float(self.lr)
        # The average reaches back over a thirtieth of the time.
        pace = max(self.steps, 1) / max(time.time() - self.start, 1e-3)
        reach = max(pace * (self.a.until - self.start) / 30, 2)
        self.mix.fill_(max(1 / reach, 1 - (1 + self.steps) / (20 + self.steps)))
        if s in self.graphs:
            self.graphs[s].replay()
        else:
            self.work(s)
        self.steps += 1
        self.seen += self.a.batch

    @torch.inference_mode()
    def mine(self):
        """The averaged network's mistakes on the training pictures, for the workers to show again."""
        false, missed, ignore = [], [], []
        scenes = self.pool.material[0]
        order = [np.flatnonzero(self.pool.shape_of == k) for k in range(len(self.pool.views))]
        for k, views in enumerate(self.pool.views):
            for i in range(0, len(order[k]), 64):
                x = torch.from_numpy(views[i:i + 64]).to(self.device).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.cuda):
                    maps = self.ema(x)
                score, boxes, _ = decode([m.float() for m in maps])
                score, top = score.sigmoid().topk(60, 1)
                boxes = boxes.gather(1, top[..., None].expand(-1, -1, 4)).cpu().numpy()
                score = score.cpu().numpy()
                for j in range(min(64, len(order[k]) - i)):
                    self.judge(order[k][i + j], scenes, score[j], boxes[j], false, missed, ignore)
        for kind, rows in (("false", false), ("missed", missed), ("ignore", ignore)):
            self.pool.mistakes.put(self.number, kind, rows)
        self.log(f"{len(false)} false detections, {len(missed)} missed plates, {len(ignore)} unlabelled on the training pictures")

    def judge(self, k, scenes, score, boxes, false, missed, ignore):
        s = scenes[k]
        h, w = self.pool.shapes[self.pool.shape_of[k]]
        scale = min(w / s["image"].shape[1], h / s["image"].shape[0])
        sel = score > 0.12
        score, boxes = score[sel], boxes[sel] / scale
        keep = nms(boxes, score)
        score, boxes = score[keep], boxes[keep]
        known = np.concatenate((s["boxes"], s["ignore"]))
        if len(boxes):
            alone = overlap(boxes, known).max(1) < 0.1 if len(known) else np.ones(len(boxes), bool)
            real = UNLABELLED_SOURCES.get(s["source"], 2.0)
            ignore += [(k, *b) for b in boxes[alone & (score > real)]]
            false += [(k, *b) for b in boxes[alone & (score <= real)][:6]]
        fit = overlap(s["boxes"], boxes[score >= 0.5])
        for i, b in enumerate(s["boxes"]):
            if (b[2] - b[0]) * scale >= 9 and (fit.shape[1] == 0 or fit[i].max() < 0.6):
                missed.append((k, *b))

    def save(self):
        path = os.path.join(self.a.out, f"det_{self.name}.pt")
        torch.save(dict(options=self.options, seen=self.seen, state={k: v.detach().cpu().clone() for k, v in self.ema.state_dict().items()}), path + ".new")
        os.replace(path + ".new", path)

    def run(self):
        a = self.a
        while any(self.pool.ready(s) < min(a.least, len(self.pool.images[s]) // 2) for s in range(len(self.pool.images))):
            time.sleep(0.1)
        threading.Thread(target=self.feed, daemon=True).start()
        # Recording wants real pictures.
        s, x, t, _ = self.queue.get()
        for k in range(len(self.static)):
            if self.static[k][0].shape == x.shape:
                self.static[k][0].copy_(x)
        self.start = time.time()
        self.lr.fill_(0.0)
        self.record()
        self.start = time.time()
        mined = -1e9 if "init" in self.options else time.time() + a.mine_first * (a.until - self.start) - a.mine_every
        saved, told = time.time(), time.time()
        self.log(f"{sum(p.numel() for p in self.params)} parameters, begins with {a.until - time.time():.0f} s left; pictures made: {int(self.pool.made.sum())}")
        while time.time() < a.until - a.reserve:
            self.step()
            now = time.time()
            if now - told > a.tell:
                if self.cuda:
                    torch.cuda.synchronize()
                told = now
                sums = self.sums.tolist()
                self.log(f"{self.seen} pictures ({self.seen / (time.time() - self.start):.0f}/s), made {int(self.pool.made.sum())}, "
                         f"score {sums[0]:.3f} box {sums[1]:.3f} corners {sums[2]:.4f} lr {float(self.lr):.2e}")
            if now - mined > a.mine_every and self.share() < 0.93 and int(self.pool.viewed.sum()) == len(self.pool.material[0]):
                self.mine()
                mined = time.time()
            if now - saved > a.save_every:
                self.save()
                saved = now
        self.save()
        self.log(f"done: {self.seen} pictures, {self.steps} steps")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--package", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--until", type=float, required=True, help="seconds since 1970")
    ap.add_argument("--variants", nargs="+", required=True)
    ap.add_argument("--sprites", required=True)
    ap.add_argument("--sprite-size", default="320x160")
    ap.add_argument("--fonts", nargs="+", required=True)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--workers", type=int, default=10)
    ap.add_argument("--pool", type=int, default=24000, help="pictures kept (0.44 MB each)")
    ap.add_argument("--least", type=int, default=600, help="pictures of each shape before training begins")
    ap.add_argument("--device", default="cuda")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--limit", type=int, default=None, help="use only so many scenes and crops")
    ap.add_argument("--without", default="", help="sources to leave out, with commas")
    ap.add_argument("--mine-every", type=float, default=70)
    ap.add_argument("--mine-first", type=float, default=0.15, help="share of the time before a fresh network looks for mistakes")
    ap.add_argument("--save-every", type=float, default=30)
    ap.add_argument("--tell", type=float, default=15)
    ap.add_argument("--reserve", type=float, default=5, help="seconds kept for saving")
    ap.add_argument("--eager", action="store_true", help="no CUDA graphs")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    began = time.time()
    scenes, crops = read_package(a.package, a.limit)
    left_out = set(a.without.split(",")) - {""}
    scenes = [s for s in scenes if s["source"] not in left_out]
    w, h = (int(v) for v in a.sprite_size.split("x"))
    sprites, words = Sprites(a.sprites, w, h), Words(a.fonts, a.seed)
    print(f"{len(scenes)} scenes, {len(crops)} crops, {len(sprites.rows)} drawn plates, read in {time.time() - began:.1f} s", flush=True)
    pool = Pool(scenes, crops, sprites, words, a.pool, len(a.variants), a.seed)
    children = []
    for number, spec in enumerate(a.variants):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                # The workers' count is known before they run.
                pool.workers = a.workers
                name, _, rest = spec.partition(":")
                Trainer(a, pool, number, name, dict(v.split("=") for v in rest.split(",") if v)).run()
                status = 0
            except BaseException:
                import traceback
                traceback.print_exc()
            sys.stdout.flush()
            os._exit(status)
        children.append(pid)
    pool.start(a.workers)
    failed = [os.waitpid(pid, 0)[1] for pid in children]
    print("all ended", failed, flush=True)
    os._exit(0 if not any(failed) else 1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Train plate recognisers, several at once on the same pictures; everything but the files lives on one device.

    recognizer_train.py --pack work/plates.pack --sprites 'work/framed_s*.rgb' --out work/rec --nets v1:3 wide:3 --seconds 600

--nets: shapes (recognizer_net.SHAPES) with the number of colours, 3 or 1, and perhaps sources to leave out, which are scored
instead: wide:3:openlpr,vanity. --init: averaged weights of an earlier run, or an ONNX file to grow from (warm_start.py).
The learning rate follows the share of the seconds used, so that a run ends on cooled-down networks wherever it runs; the averaged
weights are written to OUT/SHAPE-COLORS.pt every minute and at the end, the log to OUT/log.txt.
"""
import argparse
import copy
import math
import os
import time
from collections import defaultdict
import numpy as np
import torch
import torch.nn.functional as F
from recognizer_augment import Camera, box_mask, chance, paste, rand, visible_text
from recognizer_data import (CANVAS_H, CANVAS_W, PLATE, design_region, draw_weights, read_pack, read_sprites, real_plates, region_codes,
                             sprite_files)
from recognizer_net import BLANK, LINES, STEPS, Recognizer, greedy, load, save
from reuse import Reused
from warm_start import warm_start

IGNORED = -100


def options():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--pack", required=True)
    ap.add_argument("--sprites", default="work/framed_s*.rgb")
    ap.add_argument("--out", required=True)
    ap.add_argument("--nets", nargs="+", default=["v1:3"])
    ap.add_argument("--init", nargs="*", default=[], help="weights to start from, one for each of --nets; - for none")
    ap.add_argument("--seconds", type=float, default=600)
    ap.add_argument("--until", type=float, default=0, help="in the place of --seconds: the moment to be over, in seconds since 1970")
    ap.add_argument("--batch", type=int, default=512)
    ap.add_argument("--lr", type=float, default=3e-3)
    ap.add_argument("--real", type=float, default=0.6, help="share of real plates")
    ap.add_argument("--splice", type=float, default=0.15, help="share of the real plates whose characters are exchanged")
    ap.add_argument("--shards", type=int, default=16, help="shards of synthetic plates held at most")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--told", type=float, default=0.5, help="weight of the region's loss")
    ap.add_argument("--told-lr", type=float, default=1.0, help="the region head's learning rate over the others', for a new one")
    ap.add_argument("--reuse", type=float, default=0, help="how often each photograph is learned from; 0: once, without keeping any")
    ap.add_argument("--pool", type=int, default=16384, help="photographs kept for --reuse")
    ap.add_argument("--bf16", action="store_true", help="on a CPU: worth it where the processor has instructions for it")
    ap.add_argument("--threads", type=int, default=0, help="of the CPU; 0: all")
    ap.add_argument("--pause", default="", help="a file while which exists nothing is computed")
    ap.add_argument("--eval-every", type=float, default=60, help="seconds")
    ap.add_argument("--limit", type=int, default=0, help="real plates at most (for trying out)")
    return ap.parse_args()


def sources_left_out(spec):
    return set(spec.split(":")[2].split(",")) if spec.count(":") == 2 else set()


class Feed:
    """Draws batches."""

    def __init__(self, a, entries, real, regions, camera):
        self.a, self.entries, self.real, self.regions, self.camera = a, entries, real, regions, camera
        d = self.device = a.device
        used = lambda e: e["split"] == "train"
        left_out = {source for spec in a.nets for source in sources_left_out(spec)}
        as_tensor = lambda values: torch.tensor(values, dtype=torch.float32, device=d)
        self.weights = as_tensor(draw_weights(entries, lambda e: used(e) and not e["empty"]))
        self.empty = as_tensor([float(used(e) and e["empty"]) for e in entries])
        # Whose surroundings may stand around other plates.
        self.around = as_tensor([float(used(e) and e["wide"] and not e["empty"] and e["native"] > 60 and e["source"] not in left_out) for e in entries])
        self.open = torch.tensor([not e["wide"] for e in entries], device=d)
        self.american = torch.tensor([e["source"] in ("usstates", "vanity") or e["region"].startswith("US") for e in entries], device=d)
        self.text_known = torch.tensor([bool(e["text"]) or e["empty"] for e in entries], device=d)
        self.spliceable = (real.cells[:, 0, 0] >= 0) & (self.weights > 0)
        self.donors = self.donor_lists(entries)
        self.sources = sorted({e["source"] for e in entries})
        self.source = torch.tensor([self.sources.index(e["source"]) for e in entries], device=d)
        self.shards, self.seen = [], set()

    def donor_lists(self, entries):
        """For each plate the others of its state, or of its source where that is not known, with known character places."""
        groups = defaultdict(list)
        usable = self.spliceable.tolist()
        key = lambda e: (e["source"], e["region"])
        for i, e in enumerate(entries):
            if usable[i]:
                groups[key(e)].append(i)
        flat, start, count = [], {}, {}
        for k, rows in groups.items():
            start[k], count[k] = len(flat), len(rows)
            flat += rows
        tensor = lambda values: torch.tensor(values, dtype=torch.long, device=self.device)
        return (tensor(flat or [0]), tensor([start.get(key(e), 0) for e in entries]), tensor([max(count.get(key(e), 1), 1) for e in entries]))

    def scan(self):
        """Takes up one more shard of synthetic plates, if there is a new one."""
        for path in sprite_files(self.a.sprites):
            if path in self.seen or len(self.seen) >= self.a.shards:
                continue
            self.seen.add(path)
            shard = read_sprites(path, self.regions, self.device)
            l, t, r, b = PLATE
            shard.framed = ((shard.valid[:, 3] - b > 4) | (t - shard.valid[:, 1] > 4)).float()
            self.shards.append(shard)
            return True
        return False

    def splice(self, index, canvases, symbols):
        """Exchanges characters for those of plates of the same state: strips of one character, at its place and brightness."""
        n, d, real = len(index), self.device, self.real
        flat, start, count = self.donors
        pick = lambda: flat[start[index] + (torch.rand(n, device=d) * count[index]).long().clamp(max=count[index] - 1)]
        donors = torch.stack([pick() for _ in range(2)], 1)
        length = real.lengths[index]
        place = torch.arange(12, device=d)[None].expand(n, 12)
        which = torch.randint(0, 2, (n, 12), device=d)
        donor = donors.gather(1, which)
        theirs = (torch.rand(n, 12, device=d) * real.lengths[donor]).long()
        # A line's ends are the least sure, so they are exchanged among themselves.
        end, own_end = theirs == real.lengths[donor] - 1, place == length[:, None] - 1
        width = lambda c: c[..., 1] - c[..., 0]
        cells, other = real.cells[index], real.cells[donor, theirs]
        ratio = width(other) / width(cells).clamp(min=1e-3)
        fits = (ratio > 0.65) & (ratio < 1.5) & (end == own_end) & ((theirs == 0) == (place == 0)) & (place < length[:, None])
        taken = fits & (torch.rand(n, 12, device=d) < rand(n, 0.3, 1.0, d)[:, None])
        # Where each column of the canvas comes from.
        l, t, r, b = PLATE
        u = ((torch.arange(CANVAS_W, device=d) + 0.5 - l) / (r - l))[None, None]
        inside = (u >= cells[..., 0:1]) & (u < cells[..., 1:2]) & taken[..., None]
        here, slot = inside.any(1), inside.float().argmax(1)
        at = lambda v: v.gather(1, slot)
        share = (u[:, 0] - at(cells[..., 0])) / at(width(cells)).clamp(min=1e-3)
        x = (at(other[..., 0]) + share * at(width(other))) * (r - l) + l
        source = torch.where(here, at(donor), index[:, None])
        column = torch.where(here, x.long().clamp(0, CANVAS_W - 1), torch.arange(CANVAS_W, device=d)[None])
        rows = slice(t - 6, b + 6)
        strips = real.canvases[source, :, rows, column].permute(0, 2, 3, 1).float() / 255
        # The donor's brightness and contrast become those of the plate.
        middle = lambda c: c[:, :, t + 16:b - 16, l + 8:r - 8].float() / 255
        base = middle(real.canvases[index])
        mean, std = base.mean((2, 3)), base.std((2, 3))
        levels = [middle(real.canvases[donors[:, k]]) for k in range(2)]
        their_mean = torch.stack([v.mean((2, 3)) for v in levels], 1)
        their_std = torch.stack([v.std((2, 3)) for v in levels], 1).clamp(min=0.02)
        k = at(which)[..., None].expand(-1, -1, 3)
        their_mean, their_std = their_mean.gather(1, k).transpose(1, 2)[:, :, None], their_std.gather(1, k).transpose(1, 2)[:, :, None]
        fitted = ((strips - their_mean) / their_std * std[:, :, None, None] + mean[:, :, None, None]).clamp(0, 1)
        out = canvases.clone()
        out[:, :, rows] = torch.where(here[:, None, None, :], fitted, canvases[:, :, rows])
        return out, torch.where(taken, real.symbols[donor, theirs], symbols)

    def surround(self, canvases, box):
        """Puts other plates' surroundings around what lies inside of `box`."""
        n, d = len(canvases), self.device
        others = self.real.canvases[torch.multinomial(self.around, n, replacement=True)].float() / 255
        others = others * rand(n, 0.25, 1.2, d).view(n, 1, 1, 1)
        mask = box_mask(box, CANVAS_H, CANVAS_W, 2.0)
        return canvases * mask + others.clamp(0, 1) * (1 - mask)

    def frame(self, canvases):
        """Dealers' frames over the plates' edges."""
        shard = self.shards[np.random.randint(len(self.shards))]
        n, d = len(canvases), self.device
        index = torch.multinomial(shard.framed + 1e-9, n, replacement=True)
        holders = paste(shard.canvases[index].float() / 255)
        over = torch.rand(n, 4, device=d) * torch.tensor([4, 9, 4, 9], device=d) - 1
        sign = torch.tensor([1, 1, -1, -1], device=d)
        inner = torch.tensor(PLATE, device=d, dtype=torch.float32) + over * sign
        # The holder's rim is stretched inwards with the opening.
        ring = box_mask(shard.valid[index], CANVAS_H, CANVAS_W) * (1 - box_mask(inner, CANVAS_H, CANVAS_W))
        edge = 1 - box_mask(torch.tensor(PLATE, device=d, dtype=torch.float32).expand(n, 4), CANVAS_H, CANVAS_W)
        tone = (holders * edge).sum((2, 3), keepdim=True) / edge.sum((2, 3), keepdim=True).clamp(min=1)
        holders = torch.where(edge > 0.5, holders, tone.expand_as(holders))
        return canvases * (1 - ring) + holders * ring

    def real_part(self, n):
        d, real = self.device, self.real
        empty = int(n * 0.03) if self.empty.sum() > 0 else 0
        index = torch.cat([torch.multinomial(self.weights, n - empty, replacement=True)]
                          + ([torch.multinomial(self.empty, empty, replacement=True)] if empty else []))
        canvases = real.canvases[index].float() / 255
        symbols, lengths = real.symbols[index], real.lengths[index]
        k = int(n * self.a.splice)
        if k and bool(self.spliceable.any()):
            spliced, new = self.splice(index[:k], canvases[:k], symbols[:k])
            able = self.spliceable[index[:k]]
            canvases[:k] = torch.where(able.view(-1, 1, 1, 1), spliced, canvases[:k])
            symbols = torch.cat((torch.where(able[:, None], new, symbols[:k]), symbols[k:]))
        moved = (self.open[index] & (torch.rand(n, device=d) < 0.85)).nonzero()[:, 0]
        if len(moved):
            canvases[moved] = self.surround(canvases[moved], real.valid[index[moved]])
        if self.shards:
            share = torch.where(self.american[index], 0.35, 0.04) * (1 - self.empty[index])
            framed = (torch.rand(n, device=d) < share).nonzero()[:, 0]
            if len(framed):
                canvases[framed] = self.frame(canvases[framed])
        known = real.cells[index][:, 0, 0] >= 0
        return dict(canvases=canvases, aspect=real.aspect[index], native=real.native[index], symbols=symbols, lengths=lengths,
                    lines=real.lines[index], region=real.region[index], weight=real.weight[index] * self.text_known[index],
                    cells=real.cells[index], cut_off=chance(n, 0.05, d) * known, source=self.source[index])

    def synthetic_part(self, n):
        d = self.device
        shard = self.shards[np.random.randint(len(self.shards))]
        index = torch.randint(0, len(shard), (n,), device=d)
        canvases = self.surround(paste(shard.canvases[index].float() / 255), shard.valid[index])
        known = (shard.cells[index][:, 0, 0] >= 0) & (shard.lines[index] >= 1)
        return dict(canvases=canvases, aspect=shard.aspect[index], native=shard.native[index], symbols=shard.symbols[index],
                    lengths=shard.lengths[index], lines=shard.lines[index].clamp(min=1), region=shard.region[index], weight=shard.weight[index],
                    cells=shard.cells[index], cut_off=chance(n, 0.08, d) * known,
                    source=torch.full((n,), -1, device=d))

    @torch.no_grad()
    def batch(self, n):
        """-> pictures N x 3 x 64 x 128 (-1..1) and a dict of labels"""
        real = int(n * self.a.real) if self.shards else n
        parts = [self.real_part(real)] + ([self.synthetic_part(n - real)] if n > real else [])
        b = {k: torch.cat([p[k] for p in parts]) for k in parts[0]}
        beside = (b["lengths"] / b["lines"].clamp(min=1)).ceil()
        images, sides = self.camera(b.pop("canvases"), b["aspect"], b["native"], beside, b["cut_off"])
        cut_symbols, cut_lengths = visible_text(b["symbols"], b["lengths"], b["cells"], sides)
        cut = b["cut_off"] > 0
        b["symbols"] = torch.where(cut[:, None], cut_symbols, b["symbols"])
        b["lengths"] = torch.where(cut, cut_lengths, b["lengths"])
        b["region"] = torch.where(b["region"] < 0, torch.full_like(b["region"], IGNORED), b["region"])
        return images * 2 - 1, b


def text_loss(logits, b):
    """CTC over the readouts that a plate of so many lines may use; the others must stay silent. Lines 0: one or two, nobody said."""
    lp = logits.float().permute(2, 0, 1).log_softmax(2)
    used = torch.where(b["lines"] == 0, torch.full_like(b["lines"], 2), b["lines"])
    step = torch.arange(LINES * STEPS, device=lp.device)[:, None] // STEPS
    active = step < used[None]
    silence = (-lp[..., BLANK] * ~active).sum(0)
    forced = torch.full((BLANK + 1,), -30.0, device=lp.device)
    forced[BLANK] = 0.0
    masked = torch.where(active[..., None], lp, forced)
    lengths = torch.full((lp.shape[1],), LINES * STEPS, dtype=torch.long, device=lp.device)
    each = F.ctc_loss(masked, b["symbols"], lengths, b["lengths"], blank=BLANK, reduction="none", zero_infinity=True)
    weight = b["weight"] / b["lengths"].clamp(min=1).float().sqrt()
    return ((each + silence.clamp(max=60)) * weight).mean()


class Student:
    """One network in training."""

    def __init__(self, a, spec, init, regions, feed):
        shape, colors = spec.split(":")[:2]
        torch.manual_seed(a.seed)
        self.without = sources_left_out(spec)
        self.left_out = torch.tensor([source in self.without for source in feed.sources] + [False], device=a.device)
        self.name, self.colors = f"{shape}-{colors}" + ("-without" if self.without else ""), int(colors)
        if init.endswith(".onnx"):
            self.net = Recognizer(len(regions), self.colors, shape).to(a.device)
            warm_start(self.net, init, self.input(feed.batch(256)[0]))
        elif init != "-":
            self.net, known = load(init)
            if known != regions:
                raise SystemExit(f"{init} tells other regions")
        else:
            self.net = Recognizer(len(regions), self.colors, shape)
        self.net = self.net.to(a.device).to(memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.net).eval()
        named = list(self.net.named_parameters())
        groups = [dict(params=[p for n, p in named if (p.ndim > 1) == matrix and n.startswith("region.") == region],
                       weight_decay=0.05 if matrix else 0.0, pace=a.told_lr if region else 1.0) for matrix in (True, False) for region in (True, False)]
        self.opt = torch.optim.AdamW(groups, lr=a.lr, fused=a.device.startswith("cuda"))
        pairs = [(e, v) for e, v in zip(self.ema.state_dict().values(), self.net.state_dict().values())]
        self.averaged = [p for p in pairs if p[0].dtype.is_floating_point]
        self.copied = [p for p in pairs if not p[0].dtype.is_floating_point]
        self.losses = torch.zeros(2, device=a.device)
        self.bf16, self.told = a.bf16, a.told
        self.steps = 0

    def input(self, images):
        if self.colors == 1:
            r, g, b = images.unbind(1)
            images = (0.299 * r + 0.587 * g + 0.114 * b)[:, None]
        return images.contiguous(memory_format=torch.channels_last)

    def step(self, images, b, lr):
        for g in self.opt.param_groups:
            g["lr"] = lr * g["pace"]
        self.net.train()
        with torch.autocast(images.device.type, torch.bfloat16, enabled=images.is_cuda or self.bf16):
            text, region = self.net(self.input(images))
        out = self.left_out[b["source"]]
        b = dict(b, weight=b["weight"] * ~out, region=b["region"].masked_fill(out, IGNORED))
        told = F.cross_entropy(region.float(), b["region"], ignore_index=IGNORED, label_smoothing=0.05, reduction="sum") / len(images)
        read = text_loss(text, b)
        self.opt.zero_grad(set_to_none=True)
        (read + self.told * told).backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.opt.step()
        self.steps += 1
        decay = min(0.9992, (1 + self.steps) / (20 + self.steps))
        with torch.no_grad():
            torch._foreach_lerp_([e for e, _ in self.averaged], [v for _, v in self.averaged], 1 - decay)
            for e, v in self.copied:
                e.copy_(v)
            self.losses += torch.stack((read.detach(), told.detach()))


@torch.inference_mode()
def measure(student, entries, real, regions, camera, batch=512):
    """Exact readings of the dev rows (and of the rows of sources left out) by group, the region's first and first three."""
    without = student.without
    rows = [i for i, e in enumerate(entries) if e["text"] and (e["split"] == "dev" or e["source"] in without)]
    right, count = defaultdict(float), defaultdict(int)
    for k in range(0, len(rows), batch):
        index = torch.tensor(rows[k:k + batch], device=real.symbols.device)
        images = camera.plain(real.canvases[index].float() / 255, real.aspect[index]) * 2 - 1
        text, region = student.ema(student.input(images))
        order = region.argsort(1, descending=True)[:, :3].tolist()
        for i, (read, _), best in zip(rows[k:k + batch], greedy(text), order):
            e = entries[i]
            american = e["region"].startswith("US")
            groups = ["without " + e["source"], f"without {e['source']} {e['label']}"] if e["source"] in without else ["plates" if e["folder"] == "plates" else "data", e["source"]]
            if e["folder"] == "plates" and e["source"] not in without:
                groups.append(f"{e['label']}-{'us' if american else 'other'}")
            for g in groups:
                count[g] += 1
                right[g] += read.replace("?", "") == e["text"].replace("?", "")
            if american and len(e["region"]) == 5 and e["source"] not in without:
                told = [regions[c] for c in best]
                count["state1"] += 1
                count["state3"] += 1
                right["state1"] += told[0] == e["region"]
                right["state3"] += e["region"] in told
    return {g: f"{100 * right[g] / count[g]:.1f}/{count[g]}" for g in sorted(count)}


def main():
    a = options()
    start = time.time()
    os.makedirs(a.out, exist_ok=True)
    if a.threads:
        torch.set_num_threads(a.threads)
    np.random.seed(a.seed)
    torch.manual_seed(a.seed)
    torch.backends.cudnn.benchmark = True
    log_file = open(os.path.join(a.out, "log.txt"), "a", buffering=1)

    def log(*words):
        line = f"{time.time() - start:6.1f} " + " ".join(str(w) for w in words)
        print(line, flush=True)
        log_file.write(line + "\n")

    entries, pictures = read_pack(a.pack)
    if a.limit:
        keep = np.random.default_rng(1).permutation(len(entries))[:a.limit]
        entries, pictures = [entries[i] for i in keep], [pictures[i] for i in keep]
    designs = {design_region(line.split("\t")[3]) for path in sprite_files(a.sprites) for line in open(path[:-4] + ".txt", encoding="utf-8")} - {""}
    regions = region_codes(entries, designs)
    for init in a.init:
        if init != "-" and not init.endswith(".onnx"):
            regions = load(init)[1]
    real = real_plates(entries, pictures, regions, a.device)
    camera = Camera(a.device)
    feed = Feed(a, entries, real, regions, camera)
    while feed.scan():
        pass
    log(f"{len(entries)} real plates, {int((feed.weights > 0).sum())} to learn from, {int(feed.spliceable.sum())} to splice, {len(feed.shards)} shards, "
        f"{len(regions)} regions, args {vars(a)}")
    source = Reused(feed, a.pool, a.reuse) if a.reuse else feed
    inits = a.init + ["-"] * (len(a.nets) - len(a.init))
    students = [Student(a, spec, init, regions, feed) for spec, init in zip(a.nets, inits)]
    begin = tick = last = time.time()
    # The last measurement and the files take some seconds, too.
    seconds = max(a.until - begin - 8, 1) if a.until else a.seconds
    steps = warm_up = 0
    while True:
        while a.pause and os.path.exists(a.pause):
            time.sleep(2)
            begin, last = begin + 2, last + 2
        now = time.time()
        share = (now - begin) / seconds
        over = share >= 1
        if over or now - last > a.eval_every:
            for s in students:
                s.ema.eval()
                read, told = (s.losses / max(steps, 1)).tolist()
                log(f"{s.name} {s.steps} steps, {s.steps * a.batch / 1e3:.0f} k crops, loss {read:.3f} region {told:.3f}",
                    measure(s, entries, real, regions, camera))
                s.losses.zero_()
                save(s.ema, regions, os.path.join(a.out, f"{s.name}.pt"))
            steps, last = 0, time.time()
            feed.scan()
            begin += 0 if a.until else time.time() - now
        if over:
            break
        lr = a.lr * min(1.0, (students[0].steps + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0))))
        images, b = source.batch(a.batch)
        for s in students:
            s.step(images, b, lr)
        steps += 1
        if students[0].steps in (1, 20, 200):
            if a.device.startswith("cuda"):
                torch.cuda.synchronize()
            log(f"step {students[0].steps} after {time.time() - tick:.2f} s")
    log("done")


if __name__ == "__main__":
    main()

"""What both training programs share: options, log, optimiser, averaged weights, schedule and checkpoints."""
import copy
import math
import os
import time
import cv2
import torch


def add_options(ap, batch, lr, eval_every):
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--out", required=True)
    ap.add_argument("--minutes", type=float, default=100)
    ap.add_argument("--batch", type=int, default=batch)
    ap.add_argument("--lr", type=float, default=lr)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--eval-every", type=float, default=eval_every, help="minutes")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--resume", action="store_true")
    ap.add_argument("--init", default="", help="start from these weights")


def prepare(a):
    """Threads, seed and folder of a run."""
    torch.set_num_threads(a.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)


class Run:
    """Training of one network: `step` for each batch, until `over`.

    Writes OUT/last.pt (everything needed to resume), OUT/ema.pt (averaged weights) and OUT/log.txt. The learning rate
    follows the share of the minutes used, so that a busy machine still ends on a cooled-down network.
    """

    def __init__(self, a, net, clip, warm_up, floor):
        self.a, self.net, self.clip, self.warm_up, self.floor = a, net, clip, warm_up, floor
        self.ema = copy.deepcopy(net)
        decay, no_decay = [], []
        for p in net.parameters():
            (decay if p.ndim > 1 else no_decay).append(p)
        groups = [{"params": decay, "weight_decay": 0.03}, {"params": no_decay, "weight_decay": 0.0}]
        self.opt = torch.optim.AdamW(groups, lr=a.lr)
        self.seen = self.steps = 0
        self.used, self.total = 0.0, a.minutes * 60
        self.lr, self.last = a.lr, {}
        self.log_file = open(os.path.join(a.out, "log.txt"), "a", buffering=1)
        path = os.path.join(a.out, "last.pt")
        if a.resume and os.path.exists(path):
            s = torch.load(path, weights_only=True)
            net.load_state_dict(s["net"]), self.ema.load_state_dict(s["ema"]), self.opt.load_state_dict(s["opt"])
            self.seen, self.steps, self.used = s["seen"], s["steps"], s["used"]
        self.tick = time.time()

    def log(self, *words):
        line = time.strftime("%H:%M:%S ") + " ".join(str(w) for w in words)
        print(line, flush=True)
        self.log_file.write(line + "\n")

    def over(self):
        return self.used >= self.total

    def due(self, what, minutes, first=True):
        """Whether `what` was last done more than `minutes` of training ago (`first`: whether never counts as that)."""
        if what not in self.last:
            self.last[what] = self.used
            return first
        if self.used - self.last[what] > minutes * 60:
            self.last[what] = self.used
            return True
        return False

    def pause(self):
        """What happened since the last step is not training time."""
        self.tick = time.time()

    def begin(self):
        """Call once a batch is there: counts the time and sets the learning rate."""
        now = time.time()
        # A machine that slept has not trained.
        self.used += min(now - self.tick, 30)
        self.tick = now
        share = min(self.used / self.total, 1.0)
        cosine = self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * share))
        self.lr = self.a.lr * min(1.0, (self.steps + 1) / self.warm_up) * cosine
        for g in self.opt.param_groups:
            g["lr"] = self.lr
        self.net.train()

    def step(self, loss, samples):
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.clip)
        self.opt.step()
        self.steps += 1
        self.seen += samples
        d = min(0.9995, (1 + self.steps) / (20 + self.steps))
        with torch.no_grad():
            for e, v in zip(self.ema.state_dict().values(), self.net.state_dict().values()):
                if e.dtype.is_floating_point:
                    e.lerp_(v, 1 - d)
                else:
                    e.copy_(v)

    def save(self):
        state = dict(net=self.net.state_dict(), ema=self.ema.state_dict(), opt=self.opt.state_dict(),
                     seen=self.seen, steps=self.steps, used=self.used)
        # Whoever is stopped while writing keeps the checkpoint before.
        for name, content in (("last.pt", state), ("ema.pt", self.ema.state_dict())):
            path = os.path.join(self.a.out, name)
            torch.save(content, path + ".new")
            os.replace(path + ".new", path)

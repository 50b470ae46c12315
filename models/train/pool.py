"""Training pictures made by worker processes, shared with several trainers through anonymous memory.

`Pool` must be made before anything touches the GPU; `start` forks the workers. Trainers, forked as well, pick pictures at
random: a picture may be seen by several trainers and more than once, and is replaced by a new one before long.
"""
import ctypes
import mmap
import os
import time
import numpy as np
import cv2
from pictures import CANVAS, MOST_IGNORED, MOST_PLATES, Pictures

SHAPES = ((384, 384), (288, 512))
SHARES = (0.6, 0.4)
LABEL = np.dtype([("stamp", "<i8"), ("plates", "<i4"), ("faint", "<f4"), ("gt", "<f4", (MOST_PLATES, 4)), ("corners", "<f4", (MOST_PLATES, 8)),
                  ("has", "u1", (MOST_PLATES,)), ("ignore", "<f4", (MOST_IGNORED, 4))])
MOST_MISTAKES = 4000
KINDS = ("false", "missed", "ignore")


def shared(dtype, shape):
    """Memory that forked processes share, whatever the size of /dev/shm."""
    n = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(mmap.mmap(-1, max(n, 1)), dtype, int(np.prod(shape))).reshape(shape)


def fill(label, boxes, corners, has, ignore, dash):
    n = min(len(boxes), MOST_PLATES)
    # More plates than there is room for are not background.
    ignore = np.concatenate((boxes[n:], ignore))[:MOST_IGNORED]
    label["plates"], label["faint"] = n, 0.4 if dash else 1.0
    for name, values in (("gt", boxes), ("corners", corners), ("has", has)):
        label[name][:n], label[name][n:] = values[:n], 0
    label["ignore"][:len(ignore)], label["ignore"][len(ignore):] = ignore, 0


class Mistakes:
    """Places that trainers write and workers read: rows of (scene, x1, y1, x2, y2)."""

    def __init__(self, trainers):
        self.rows = shared("<f4", (trainers, len(KINDS), MOST_MISTAKES, 5))
        self.counts = shared("<i8", (trainers, len(KINDS)))
        self.version = shared("<i8", (1,))

    def put(self, trainer, kind, rows):
        k = KINDS.index(kind)
        rows = rows[:MOST_MISTAKES]
        if rows:
            self.rows[trainer, k, :len(rows)] = rows
        self.counts[trainer, k] = len(rows)
        self.version[0] += 1

    def get(self, kind):
        k = KINDS.index(kind)
        return np.concatenate([self.rows[t, k, :self.counts[t, k]] for t in range(len(self.rows))])


class Pool:
    def __init__(self, scenes, crops, sprites, words, size, trainers, seed, shapes=SHAPES):
        self.material, self.seed, self.shapes = (scenes, crops, sprites, words), seed, shapes
        self.images = [shared("u1", (max(int(size * share), 64), h, w, 3)) for (h, w), share in zip(shapes, SHARES)]
        self.labels = [shared(LABEL, (len(i),)) for i in self.images]
        self.made = shared("<i8", (len(shapes), 64))
        self.mistakes = Mistakes(trainers)
        # Every scene as the engine would show it, for finding mistakes.
        self.engine = [k for k in range(len(scenes))]
        self.shape_of = np.array([int(s["image"].shape[1] > 1.25 * s["image"].shape[0]) for s in scenes])
        self.place_of = np.zeros(len(scenes), int)
        self.views = []
        for k, (h, w) in enumerate(shapes):
            mine = np.flatnonzero(self.shape_of == k)
            self.place_of[mine] = np.arange(len(mine))
            self.views.append(shared("u1", (max(len(mine), 1), h, w, 3)))
        self.viewed = shared("<i8", (64,))

    def start(self, workers):
        self.workers = workers
        parent = os.getpid()
        for k in range(workers):
            pid = os.fork()
            if pid == 0:
                # Nobody has to end the workers: they end with the process that started them.
                ctypes.CDLL(None).prctl(1, 9)
                if os.getppid() != parent:
                    os._exit(1)
                try:
                    os.nice(5)
                    self.work(k)
                finally:
                    os._exit(1)

    def view(self, k):
        """Put scene k into its place among the views. -> nothing"""
        s = self.material[0][k]
        im = s["image"]
        h, w = self.shapes[self.shape_of[k]]
        scale = min(w / im.shape[1], h / im.shape[0])
        small = cv2.resize(im, (round(im.shape[1] * scale), round(im.shape[0] * scale)), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        to = self.views[self.shape_of[k]][self.place_of[k]]
        to[:] = CANVAS
        to[:small.shape[0], :small.shape[1]] = small

    def work(self, k):
        cv2.setNumThreads(1)
        scenes, crops, sprites, words = self.material
        pictures = Pictures(scenes, crops, sprites, words, self.seed * 1000 + k)
        rng = np.random.default_rng(self.seed * 1000 + 500 + k)
        own = [np.arange(k, len(i), self.workers) for i in self.images]
        at, version, checked, views = [0] * len(self.shapes), -1, 0.0, list(range(k, len(scenes), self.workers))
        count = 0
        while True:
            if time.time() - checked > 2:
                checked = time.time()
                if version != self.mistakes.version[0]:
                    version = self.mistakes.version[0]
                    self.reload(pictures, scenes)
            count += 1
            # The views are wanted after the first pictures.
            if views and count % 2 == 0:
                self.view(views.pop())
                self.viewed[k] += 1
            s = int(rng.random() > SHARES[0]) if len(self.shapes) > 1 else 0
            h, w = self.shapes[s]
            im, b, c, has, ig, dash = pictures.sample(h, w)
            i = own[s][at[s] % len(own[s])]
            at[s] += 1
            label = self.labels[s][i]
            label["stamp"] = -1
            self.images[s][i] = im
            fill(label, b, c, has, ig, dash)
            label["stamp"] = at[s]
            self.made[s, k] += 1

    def reload(self, pictures, scenes):
        for kind in ("false", "missed"):
            rows = self.mistakes.get(kind)
            pictures.mistakes[kind] = [(int(r[0]), r[1:].copy()) for r in rows]
        more = {}
        for r in self.mistakes.get("ignore"):
            more.setdefault(int(r[0]), []).append(r[1:])
        for k, boxes in more.items():
            scenes[k]["more"] = np.array(boxes, np.float32)

    def ready(self, s):
        """How many pictures of a shape there are."""
        return int(np.minimum(self.made[s, :self.workers], len(self.images[s]) // self.workers).sum())

    def take(self, s, n, rng, images, labels):
        """Copy n random pictures of shape s into `images` and `labels`."""
        full = np.concatenate([np.arange(k, len(self.images[s]), self.workers)[:self.made[s, k]] for k in range(self.workers)])
        done = 0
        while done < n:
            i = int(full[rng.integers(len(full))])
            stamp = int(self.labels[s][i]["stamp"])
            if stamp < 0:
                continue
            images[done] = self.images[s][i]
            labels[done] = self.labels[s][i]
            # A worker may have begun to replace it meanwhile.
            if int(self.labels[s][i]["stamp"]) == stamp:
                done += 1

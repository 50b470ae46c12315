"""Photographs taken by a thread of their own and learned from several times: on a CPU taking one costs half as much as learning
from it."""
import threading
import torch
from recognizer_net import HEIGHT, WIDTH

# Labels that go with a picture.
LABELS = ("symbols", "lengths", "lines", "region", "weight", "source")
# Few at once, so that they stay in the processor's cache.
PART = 32


class Reused:
    """Keeps the `size` newest pictures of a feed; each is seen `times` times on average before it is forgotten."""

    def __init__(self, feed, size, times):
        self.feed, self.times = feed, times
        self.pictures = torch.zeros(size, 3, HEIGHT, WIDTH, dtype=torch.uint8, device=feed.device)
        self.labels = {}
        self.filled = self.next = 0
        self.owed = 0.0
        self.changed = threading.Condition()
        threading.Thread(target=self.make, daemon=True).start()

    def make(self):
        while True:
            images, b = self.feed.batch(PART)
            pictures = ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
            with self.changed:
                self.keep(pictures, b)
                self.owed -= PART
                self.changed.notify_all()
                self.changed.wait_for(lambda: self.owed > 0)

    def keep(self, pictures, b):
        if not self.labels:
            self.labels = {k: torch.zeros((len(self.pictures),) + b[k].shape[1:], dtype=b[k].dtype, device=pictures.device) for k in LABELS}
        at = (torch.arange(PART, device=pictures.device) + self.next) % len(self.pictures)
        self.pictures[at] = pictures
        for k in LABELS:
            self.labels[k][at] = b[k]
        self.next = (self.next + PART) % len(self.pictures)
        self.filled = min(self.filled + PART, len(self.pictures))

    def batch(self, n):
        """-> pictures N x 3 x 64 x 128 (-1..1) and a dict of labels"""
        with self.changed:
            if self.filled < 16 * n:
                self.owed = 16.0 * n
                self.changed.notify_all()
                self.changed.wait_for(lambda: self.filled >= 16 * n)
            self.owed += n / self.times
            self.changed.notify_all()
            # A maker that cannot keep up is waited for, or pictures would be seen more often than was asked.
            self.changed.wait_for(lambda: self.owed <= 4 * n)
            index = torch.randint(0, self.filled, (n,), device=self.pictures.device)
            return self.pictures[index].float() / 127.5 - 1, {k: v[index] for k, v in self.labels.items()}

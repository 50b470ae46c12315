"""The plate detector: one class, box + four corners + IoU-quality score, strides 8, 16 and 32.

ReLU everywhere (cheap, and it quantises well), no attention, channels in multiples of 8.
Input: N x 3 x H x W RGB 0..1, H and W multiples of 32. Output: one map a stride with 13 channels, the contract `grid`:
score logit; logarithms of the distances from the cell's centre to the box's left, top, right and bottom side in strides;
offsets of the corners (top-left, top-right, bottom-right, bottom-left; x, y) from the box's own corners in units of the
box's width and height. `decode` turns them into pixels; the engine does the same for the few cells above the threshold.
"""
import torch
from torch import nn
import torch.nn.functional as F

STRIDES = (8, 16, 32)


def conv(i, o, k=3, s=1, act=True):
    layers = [nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if act else nn.Sequential(*layers)


class Bottleneck(nn.Module):
    def __init__(self, c, hidden=None):
        super().__init__()
        hidden = hidden or c
        self.a, self.b = conv(c, hidden), conv(hidden, c)

    def forward(self, x):
        return x + self.b(self.a(x))


class C2f(nn.Module):
    """Split, refine one half in steps, merge all the steps with a 1x1 convolution."""

    def __init__(self, i, o, n=1):
        super().__init__()
        self.h = o // 2
        self.inp = conv(i, o, 1)
        self.steps = nn.ModuleList(Bottleneck(self.h) for _ in range(n))
        self.out = conv(o + n * self.h, o, 1)

    def forward(self, x):
        parts = list(self.inp(x).split(self.h, 1))
        for step in self.steps:
            parts.append(step(parts[-1]))
        return self.out(torch.cat(parts, 1))


class Pool(nn.Module):
    """Three stacked 5x5 maximum pools: context of the whole picture at the coarsest level."""

    def __init__(self, c):
        super().__init__()
        self.inp, self.out = conv(c, c // 2, 1), conv(c * 2, c, 1)

    def forward(self, x):
        parts = [self.inp(x)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.out(torch.cat(parts, 1))


class Head(nn.Module):
    def __init__(self, i, c):
        super().__init__()
        self.stem = conv(i, c)
        self.score, self.box, self.corners = (nn.Conv2d(c, n, 1) for n in (1, 4, 8))
        nn.init.constant_(self.score.bias, -4.6)
        nn.init.constant_(self.box.bias, 0.7)
        for m in (self.box, self.corners):
            nn.init.normal_(m.weight, std=0.01)

    def forward(self, x):
        x = self.stem(x)
        return torch.cat((self.score(x), self.box(x), self.corners(x)), 1)


class Detector(nn.Module):
    def __init__(self, c=(16, 24, 48, 96, 144)):
        super().__init__()
        self.stem = nn.Sequential(conv(3, c[0], 3, 2), conv(c[0], c[1], 3, 2), Bottleneck(c[1], c[1] // 2))
        self.s8 = nn.Sequential(conv(c[1], c[2], 3, 2), C2f(c[2], c[2], 2))
        self.s16 = nn.Sequential(conv(c[2], c[3], 3, 2), C2f(c[3], c[3], 2))
        self.s32 = nn.Sequential(conv(c[3], c[4], 3, 2), C2f(c[4], c[4], 1), Pool(c[4]))
        self.lat16, self.lat8 = conv(c[4], c[2], 1), conv(c[3], c[2], 1)
        self.up16, self.up8 = C2f(c[3] + c[2], c[3], 1), C2f(c[2] + c[2], c[2], 1)
        self.heads = nn.ModuleList((Head(c[2], 48), Head(c[3], 64), Head(c[4], 64)))

    def forward(self, x):
        p8 = self.s8(self.stem(x))
        p16 = self.s16(p8)
        p32 = self.s32(p16)
        u16 = self.up16(torch.cat((p16, F.interpolate(self.lat16(p32), scale_factor=2.0, mode="nearest")), 1))
        u8 = self.up8(torch.cat((p8, F.interpolate(self.lat8(u16), scale_factor=2.0, mode="nearest")), 1))
        return [h(f) for h, f in zip(self.heads, (u8, u16, p32))]


def centres(shapes, device=None):
    """Cell centres in input pixels and the stride of every cell, all levels one after the other."""
    points, strides = [], []
    for (h, w), s in zip(shapes, STRIDES):
        y, x = torch.meshgrid(torch.arange(h, device=device), torch.arange(w, device=device), indexing="ij")
        points.append((torch.stack((x, y), -1).reshape(-1, 2).float() + 0.5) * s)
        strides.append(torch.full((h * w, 1), float(s), device=device))
    return torch.cat(points), torch.cat(strides)


def decode(maps):
    """Raw maps -> (score logits N x cells, boxes N x cells x 4, corners N x cells x 8), pixels."""
    points, strides = centres([m.shape[2:] for m in maps], maps[0].device)
    raw = torch.cat([m.flatten(2) for m in maps], 2).transpose(1, 2).float()
    # Distances to the four sides grow exponentially: a plate may be 2 or 20 cells wide.
    reach = torch.exp(raw[..., 1:5].clamp(-4, 4)) * strides
    boxes = torch.cat((points - reach[..., :2], points + reach[..., 2:]), -1)
    # Corners are placed inside the box's frame of reference: offsets from its own four corners, in units of its size.
    size = (boxes[..., 2:] - boxes[..., :2])
    x1, y1, x2, y2 = boxes.unbind(-1)
    base = torch.stack((x1, y1, x2, y1, x2, y2, x1, y2), -1)
    corners = base + raw[..., 5:13] * size.repeat(1, 1, 4)
    return raw[..., 0], boxes, corners

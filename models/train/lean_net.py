"""The detector's second shape: made for INT8 on ordinary processors, with the outputs of `detector_net.Detector`.

A first convolution of 6x6 with stride 4 leaves the three colour channels at once; after it, widths are multiples of 16 and
every step is a plain 3x3 convolution with ReLU. While training, such a step is the sum of a 3x3, a 1x1 and an identity branch
under one batch normalisation (QARepVGG: no branch but the first has its own, so the sum's weights quantise well); `fuse`
turns it into the one convolution. The levels are joined by addition, which keeps one scale, not by concatenation.
"""
import torch
from torch import nn
import torch.nn.functional as F
from detector_net import Pool, conv


class Rep(nn.Module):
    """3x3 + 1x1 + identity while training, one 3x3 convolution afterwards."""

    def __init__(self, i, o, s=1):
        super().__init__()
        self.c3, self.b3 = nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o)
        self.c1 = nn.Conv2d(i, o, 1, s, bias=False)
        self.same = i == o and s == 1
        self.bn = nn.BatchNorm2d(o)
        self.fused = None

    def forward(self, x):
        if self.fused is not None:
            return F.relu(self.fused(x))
        y = self.b3(self.c3(x)) + self.c1(x)
        if self.same:
            y = y + x
        return F.relu(self.bn(y))

    @torch.no_grad()
    def fuse(self):
        k3 = self.b3.weight / (self.b3.running_var + self.b3.eps).sqrt()
        weight = self.c3.weight * k3[:, None, None, None]
        weight[:, :, 1:2, 1:2] += self.c1.weight
        if self.same:
            weight[torch.arange(len(weight)), torch.arange(len(weight)), 1, 1] += 1
        bias = self.b3.bias - self.b3.running_mean * k3
        k = self.bn.weight / (self.bn.running_var + self.bn.eps).sqrt()
        c = self.c3
        self.fused = nn.Conv2d(c.in_channels, c.out_channels, 3, c.stride, 1)
        self.fused.weight.data = weight * k[:, None, None, None]
        self.fused.bias.data = (bias - self.bn.running_mean) * k + self.bn.bias
        del self.c3, self.b3, self.c1, self.bn


class LeanHead(nn.Module):
    def __init__(self, i, c):
        super().__init__()
        self.stem = Rep(i, c)
        self.out = nn.Conv2d(c, 13, 1)
        nn.init.normal_(self.out.weight[1:], std=0.01)
        nn.init.constant_(self.out.bias, 0.0)
        with torch.no_grad():
            self.out.bias[0] = -4.6
            self.out.bias[1:5] = 0.7

    def forward(self, x):
        return self.out(self.stem(x))


class Lean(nn.Module):
    """`widths`: stem, strides 8, 16, 32, and the heads'; `depths`: further steps at strides 8, 16, 32 and in the two joins."""

    def __init__(self, widths=(32, 48, 96, 128, 48), depths=(1, 2, 2, 1, 1)):
        super().__init__()
        s, a, b, c, h = widths
        self.stem = nn.Sequential(nn.Conv2d(3, s, 6, 4, 1, bias=False), nn.BatchNorm2d(s), nn.ReLU(inplace=True))
        self.s8 = nn.Sequential(Rep(s, a, 2), *(Rep(a, a) for _ in range(depths[0])))
        self.s16 = nn.Sequential(Rep(a, b, 2), *(Rep(b, b) for _ in range(depths[1])))
        self.s32 = nn.Sequential(Rep(b, c, 2), *(Rep(c, c) for _ in range(depths[2])), Pool(c))
        self.lat16, self.lat8 = conv(c, b, 1), conv(b, a, 1)
        self.up16 = nn.Sequential(*(Rep(b, b) for _ in range(depths[3])))
        self.up8 = nn.Sequential(*(Rep(a, a) for _ in range(depths[4])))
        self.heads = nn.ModuleList((LeanHead(a, h), LeanHead(b, h), LeanHead(c, h)))

    def forward(self, x):
        p8 = self.s8(self.stem(x))
        p16 = self.s16(p8)
        p32 = self.s32(p16)
        u16 = self.up16(p16 + F.interpolate(self.lat16(p32), scale_factor=2.0, mode="nearest"))
        u8 = self.up8(p8 + F.interpolate(self.lat8(u16), scale_factor=2.0, mode="nearest"))
        return [head(f) for head, f in zip(self.heads, (u8, u16, p32))]

    def fuse(self):
        for m in list(self.modules()):
            if isinstance(m, Rep):
                m.fuse()
        return self

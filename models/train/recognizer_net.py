"""The plate recogniser: a ReLU convolution network read out by CTC, plates of one, two and three lines alike.

Input: N x C x 64 x 128, x / 127.5 - 1, C = 3 (RGB) or 1 (grey). The last feature map is 4 x 32. Three readouts look at its whole
height, one for each line of text; their 32 + 32 + 32 columns form one CTC sequence of 96 steps over 0-9, A-Z, `?` and blank. `?` is
a character that is there and is none of the others: of another script, or cut off so far that it cannot be told. An empty plate is
96 blanks. A second head tells the region, country or US state, from the same features.
"""
import torch
from torch import nn
from detector_net import conv, Bottleneck, C2f

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ?"
BLANK = len(ALPHABET)
HEIGHT, WIDTH = 64, 128
LINES, STEPS = 3, 32


def strided(i, o, s):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Mix(nn.Module):
    """A residual convolution along the sequence."""

    def __init__(self, c, width):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(c, c, (1, width), 1, (0, width // 2), bias=False), nn.BatchNorm2d(c), nn.ReLU(inplace=True))

    def forward(self, x):
        return x + self.conv(x)


class Attention(nn.Module):
    """Every step looks at every other one: what stands elsewhere on the plate tells an emblem from a letter."""

    def __init__(self, c, heads=4):
        super().__init__()
        self.heads, self.size = heads, c // heads
        self.place = nn.Parameter(torch.randn(1, LINES * STEPS, c) * 0.02)
        self.norm = nn.LayerNorm(c)
        self.qkv = nn.Linear(c, 3 * c)
        self.out = nn.Linear(c, c)

    def forward(self, x):
        n, c, _, steps = x.shape
        s = x.squeeze(2).transpose(1, 2)
        q, k, v = self.qkv(self.norm(s) + self.place).view(n, steps, 3, self.heads, self.size).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(2, 3) * self.size ** -0.5).softmax(3)
        s = s + self.out((weights @ v).transpose(1, 2).reshape(n, steps, c))
        return s.transpose(1, 2).unsqueeze(2)


class Region(nn.Module):
    """Logits of regions from the last feature map, in a grid of 2 x 8."""

    def __init__(self, c, regions, reduced=48, hidden=128):
        super().__init__()
        self.reduce = nn.Sequential(nn.Conv2d(c, reduced, 1, bias=False), nn.BatchNorm2d(reduced), nn.ReLU(inplace=True))
        self.pool = nn.AvgPool2d((2, 4))
        self.hidden = nn.Linear(reduced * 16, hidden)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(hidden, regions)

    def forward(self, f):
        return self.out(self.drop(torch.relu(self.hidden(self.pool(self.reduce(f)).flatten(1)))))


# What is tried; `c`: channels of the stages, `n`: blocks of stages 2 to 4.
SHAPES = {
    "v1": dict(c=(24, 48, 96, 128), n=(1, 2, 1), head=96, mix=(5,), attention=False),
    "mix": dict(c=(24, 48, 96, 128), n=(1, 2, 2), head=96, mix=(7, 7), attention=False),
    "attention": dict(c=(24, 48, 96, 128), n=(1, 2, 1), head=96, mix=(5,), attention=True),
    "wide": dict(c=(24, 48, 112, 160), n=(1, 2, 2), head=128, mix=(7, 7), attention=False),
    "wide-attention": dict(c=(24, 48, 112, 160), n=(1, 2, 2), head=128, mix=(5,), attention=True),
    "teacher": dict(c=(48, 96, 192, 256), n=(2, 3, 3), head=192, mix=(7, 7), attention=True),
}


class Recognizer(nn.Module):
    def __init__(self, regions, colors=3, shape="v1"):
        super().__init__()
        self.config = dict(regions=regions, colors=colors, shape=shape)
        s = SHAPES[shape]
        c, n, self.head = s["c"], s["n"], s["head"]
        self.stem = nn.Sequential(strided(colors, c[0], 2), Bottleneck(c[0], 16))
        self.s2 = nn.Sequential(strided(c[0], c[1], (2, 1)), C2f(c[1], c[1], n[0]))
        self.s3 = nn.Sequential(strided(c[1], c[2], 2), C2f(c[2], c[2], n[1]))
        self.s4 = nn.Sequential(strided(c[2], c[3], (2, 1)), C2f(c[3], c[3], n[2]))
        wide = LINES * self.head
        self.lines = nn.Sequential(nn.Conv2d(c[3], wide, (4, 1), bias=False), nn.BatchNorm2d(wide), nn.ReLU(inplace=True))
        self.mix = nn.Sequential(*(Mix(self.head, w) for w in s["mix"]), *([Attention(self.head)] if s["attention"] else []))
        self.drop = nn.Dropout(0.1)
        self.out = nn.Conv2d(self.head, BLANK + 1, 1)
        self.region = Region(c[3], regions)

    def forward(self, x):
        """-> logits of the text N x 38 x 96, logits of the region"""
        f = self.s4(self.s3(self.s2(self.stem(x))))
        lines = torch.cat(self.lines(f).split(self.head, 1), 3)
        return self.out(self.drop(self.mix(lines))).squeeze(2), self.region(f)


def save(net, regions, path):
    torch.save(dict(config=net.config, regions=regions, state=net.state_dict()), path)


def load(path):
    """-> the trained network, the codes of its regions"""
    saved = torch.load(path, weights_only=True, map_location="cpu")
    net = Recognizer(**saved["config"])
    net.load_state_dict(saved["state"])
    return net, saved["regions"]


class Exported(nn.Module):
    """What the ONNX file holds: `probs`, N x 96 x 38, and `region`, N x regions."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, plate):
        text, region = self.net(plate)
        return text.transpose(1, 2).softmax(2), region.softmax(1)


def greedy(logits):
    """-> list of (text, smallest winning probability)"""
    p, k = logits.float().softmax(1).max(1)
    out = []
    for row, conf in zip(k.tolist(), p.tolist()):
        text, last = "", BLANK
        for s in row:
            if s != BLANK and s != last:
                text += ALPHABET[s]
            last = s
        out.append((text, min(conf)))
    return out

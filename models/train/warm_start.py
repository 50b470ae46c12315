"""Start a recogniser from an ONNX file: from one of the same shape, to go on, or from a narrower, greyscale one with two lines: the
same function at first, room to grow.

The old network's channels become the first ones of the new layers; the new ones start at random and are not listened to yet. Batch
normalisation was folded into the file, so each new one is set to undo itself on a batch of pictures.
"""
import onnx
import torch
from onnx import numpy_helper
from recognizer_net import BLANK, LINES

GREY = torch.tensor([0.299, 0.587, 0.114])


def weights(path):
    return {i.name.removeprefix("net."): torch.from_numpy(numpy_helper.to_array(i).copy()) for i in onnx.load(path).graph.initializer}


class Graft:
    """Copies layers; remembers which channels of which normalisation must keep the old bias."""

    def __init__(self, old):
        self.old, self.pending = old, []

    def layer(self, block, weight, bias, rows, columns):
        conv, norm = block[0], block[1]
        with torch.no_grad():
            old, grey = weight.to(conv.weight.device), GREY.to(conv.weight.device)
            if conv.weight.shape[1] == 3 and old.shape[1] == 1:
                old = old * grey.view(1, 3, 1, 1)
                columns = [0, 1, 2]
            margin = (conv.weight.shape[3] - old.shape[3]) // 2
            old = torch.nn.functional.pad(old, (margin, margin)) if margin else old
            conv.weight[rows] = 0
            for k, row in enumerate(rows):
                conv.weight[row, columns] = old[k]
        self.pending.append((norm, rows, bias))

    def conv(self, block, name, rows=None, columns=None):
        w, b = self.old[name + ".weight"], self.old[name + ".bias"]
        self.layer(block, w, b, list(range(w.shape[0])) if rows is None else rows, list(range(w.shape[1])) if columns is None else columns)

    def bottleneck(self, block, name):
        self.conv(block.a, name + ".a.0"), self.conv(block.b, name + ".b.0")

    def c2f(self, block, name):
        h, h0 = block.h, self.old[name + ".left.0.weight"].shape[0]
        w, b = (torch.cat([self.old[f"{name}.{side}.0.{kind}"] for side in ("left", "right")]) for kind in ("weight", "bias"))
        self.layer(block.inp, w, b, list(range(h0)) + list(range(h, h + h0)), list(range(w.shape[1])))
        steps = 0
        while f"{name}.steps.{steps}.a.0.weight" in self.old:
            self.bottleneck(block.steps[steps], f"{name}.steps.{steps}")
            steps += 1
        self.conv(block.out, name + ".out.0", columns=[part * h + k for part in range(2 + steps) for k in range(h0)])


def settle(net, pending, images):
    """Sets each grafted normalisation so that it adds the old bias and nothing else, in the order in which pictures meet them."""
    hooks = []
    for norm, rows, bias in pending:
        def hook(module, inputs, rows=rows, bias=bias):
            x = inputs[0].float()
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
            bias = bias.to(mean.device)
            with torch.no_grad():
                module.running_mean.copy_(mean), module.running_var.copy_(var)
                module.weight[rows] = (var[rows] + module.eps).sqrt()
                module.bias[rows] = bias + mean[rows]
        hooks.append(norm.register_forward_pre_hook(hook))
    net.eval()
    with torch.no_grad():
        net(images)
    for h in hooks:
        h.remove()


def trunk(g, net):
    g.conv(net.stem[0], "stem.0.0"), g.bottleneck(net.stem[1], "stem.1")
    for stage in ("s2", "s3", "s4"):
        g.conv(getattr(net, stage)[0], stage + ".0.0"), g.c2f(getattr(net, stage)[1], stage + ".1")


def read_back(net, path, images):
    """All of a network of the same shape."""
    old = weights(path)
    g = Graft(old)
    trunk(g, net)
    g.conv(net.lines, "lines.0")
    for k, mix in enumerate(net.mix):
        g.conv(mix.conv, f"mix.{k}.conv.0")
    g.conv(net.region.reduce, "region.reduce.0")
    with torch.no_grad():
        for layer, name in ((net.out, "out"), (net.region.hidden, "region.hidden"), (net.region.out, "region.out")):
            layer.weight.copy_(old[name + ".weight"]), layer.bias.copy_(old[name + ".bias"])
    settle(net, g.pending, images)


def warm_start(net, path, images):
    """`images`: some hundred pictures as the network will see them, N x C x 64 x 128."""
    old = weights(path)
    if old["lines.0.weight"].shape == net.lines[0].weight.shape and len(old["out.bias"]) == len(net.out.bias):
        return read_back(net, path, images)
    g = Graft(old)
    trunk(g, net)
    half = old["lines.0.weight"].shape[0] // 2
    # The third line starts as a copy of the second.
    order = [k for line in range(LINES) for k in range(min(line, 1) * half, (min(line, 1) + 1) * half)]
    g.layer(net.lines, old["lines.0.weight"][order], old["lines.0.bias"][order], [line * net.head + k for line in range(LINES) for k in range(half)],
            list(range(old["lines.0.weight"].shape[1])))
    g.conv(net.mix[0].conv, "mix.0")
    with torch.no_grad():
        for later in list(net.mix)[1:]:
            if hasattr(later, "conv"):
                later.conv[1].weight.fill_(0.1)
        classes = list(range(BLANK - 1)) + [BLANK]
        net.out.weight.zero_(), net.out.bias.fill_(-6.0)
        for k, c in enumerate(classes):
            net.out.weight[c, :half] = old["out.weight"][k]
            net.out.bias[c] = old["out.bias"][k]
        torch.nn.init.normal_(net.out.weight[BLANK - 1], std=0.01)
    settle(net, g.pending, images)

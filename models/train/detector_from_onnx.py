#!/usr/bin/env python3
"""Read a detector back out of its ONNX file, so that training can go on from it.

    detector_from_onnx.py ../detector.onnx OUT.pt --data ../../../shared/data

Batch normalisation is folded in the file. Each is put back with the mean and spread that its input has on train scenes, and
with the weight and bias that undo them: the network starts as the very function that the file computes.
"""
import argparse
import csv
import os
import cv2
import numpy as np
import onnx
import torch
from onnx import numpy_helper
from detector_net import C2f, Detector, Head
from export import fold, streamline


def exported(path):
    """The network in the shape in which it is exported, with the file's weights: convolutions stand in the order they run in."""
    graph = onnx.load(path).graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    weights = [(values[n.input[1]], values[n.input[2]]) for n in graph.node if n.op_type == "Conv"]
    net, order = streamline(fold(Detector().eval())).eval(), []
    hooks = [m.register_forward_hook(lambda m, i, o: order.append(m)) for m in net.modules() if isinstance(m, torch.nn.Conv2d)]
    net(torch.rand(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    for m, (w, b) in zip(order, weights, strict=True):
        if tuple(m.weight.shape) != w.shape:
            raise SystemExit(f"{path} holds another network: a convolution of {w.shape} where {tuple(m.weight.shape)} was expected")
        m.weight.data, m.bias.data = torch.tensor(w), torch.tensor(b)
    return net


def put(block, weight, bias):
    """A convolution with its bias into a convolution with batch normalisation that changes nothing."""
    conv, bn = block[0], block[1]
    conv.weight.data, bn.bias.data = weight.clone(), bias.clone()
    bn.weight.data.fill_((1 + bn.eps) ** 0.5)
    bn.running_mean.zero_()
    bn.running_var.fill_(1.0)


@torch.no_grad()
def copy(source, target):
    for name, module in target.named_children():
        part = source[int(name)] if name.isdigit() else getattr(source, name)
        if isinstance(module, C2f):
            put(module.inp, torch.cat((part.left[0].weight, part.right[0].weight)), torch.cat((part.left[0].bias, part.right[0].bias)))
            copy(part.steps, module.steps)
            put(module.out, part.out[0].weight, part.out[0].bias)
        elif isinstance(module, Head):
            put(module.stem, part.stem[0].weight, part.stem[0].bias)
            rows = iter(zip(part.out.weight, part.out.bias))
            for conv in (module.score, module.box, module.corners):
                taken = [next(rows) for _ in range(conv.out_channels)]
                conv.weight.data, conv.bias.data = (torch.stack([t[k] for t in taken]) for k in (0, 1))
        elif isinstance(module, torch.nn.Sequential) and isinstance(module[0], torch.nn.Conv2d):
            put(module, part[0].weight, part[0].bias)
        else:
            copy(part, module)


@torch.inference_mode()
def calibrate(net, pictures):
    """Give every normalisation the statistics of its input, and the weight and bias that undo them."""
    def before(bn, inputs):
        mean, var = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3), unbiased=False)
        bias = bn.bias.data.clone()
        bn.weight.data, bn.bias.data = (var + bn.eps).sqrt(), mean + bias
        bn.running_mean.copy_(mean), bn.running_var.copy_(var)

    hooks = [m.register_forward_pre_hook(before) for m in net.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    net(pictures)
    for hook in hooks:
        hook.remove()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("onnx")
    ap.add_argument("out")
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--pictures", type=int, default=160)
    a = ap.parse_args()
    flat, net = exported(a.onnx), Detector().eval()
    copy(flat, net)
    rows = [r for r in csv.DictReader(open(os.path.join(a.data, "scenes.csv"), encoding="utf-8")) if r["split"] == "train"]
    x = []
    for i in np.random.default_rng(1).permutation(len(rows))[:a.pictures]:
        im = cv2.cvtColor(cv2.imread(os.path.join(a.data, "scenes", rows[i]["file"])), cv2.COLOR_BGR2RGB)
        k = 384 / max(im.shape[:2])
        canvas = np.full((384, 384, 3), 114, np.uint8)
        small = cv2.resize(im, (round(im.shape[1] * k), round(im.shape[0] * k)), interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
        canvas[:small.shape[0], :small.shape[1]] = small
        x.append(canvas)
    x = torch.from_numpy(np.stack(x)).permute(0, 3, 1, 2).float() / 255
    calibrate(net, x)
    with torch.inference_mode():
        worst = max(float((p - q).abs().max()) for p, q in zip(net(x[:1]), flat(x[:1])))
    print(f"{a.out}: largest difference to {a.onnx}: {worst:.2g}")
    if worst > 1e-3:
        raise SystemExit("the network read back disagrees with the file")
    torch.save({k: v.clone() for k, v in net.state_dict().items()}, a.out)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Write a trained network as ONNX, with the output names and shapes that its contract in the manifest promises.

    export.py detector WEIGHTS.pt OUT.onnx          contract `grid`, dynamic height and width
    export.py recognizer WEIGHTS.pt OUT.onnx        contract `ctc`, dynamic batch
    export.py states WEIGHTS.pt OUT.onnx            the manifest's section `subdivision`, dynamic batch
"""
import json
import sys
import numpy as np
import torch


def fold(module):
    """Fold every batch normalisation into the convolution before it: fewer nodes, and the weights the quantiser sees."""
    for m in module.modules():
        if isinstance(m, torch.nn.Sequential) and len(m) >= 2 and isinstance(m[0], torch.nn.Conv2d) and isinstance(m[1], torch.nn.BatchNorm2d):
            m[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(m[0].eval(), m[1].eval())
            m[1] = torch.nn.Identity()
    return module


class SplitC2f(torch.nn.Module):
    """C2f with its first convolution cut in two: the same numbers without a Split node, which INT8 runtimes leave in fp32."""

    def __init__(self, c2f):
        super().__init__()
        first, h = c2f.inp[0], c2f.h
        self.left, self.right = (self.part(first, k * h, h) for k in (0, 1))
        self.steps, self.out = c2f.steps, c2f.out

    @staticmethod
    def part(conv, start, count):
        new = torch.nn.Conv2d(conv.in_channels, count, conv.kernel_size, conv.stride, conv.padding)
        new.weight.data = conv.weight.data[start:start + count].clone()
        new.bias.data = conv.bias.data[start:start + count].clone()
        return torch.nn.Sequential(new, torch.nn.ReLU())

    def forward(self, x):
        parts = [self.left(x), self.right(x)]
        for step in self.steps:
            parts.append(step(parts[-1]))
        return self.out(torch.cat(parts, 1))


class MergedHead(torch.nn.Module):
    """A head whose three 1x1 convolutions are one: score, box, corners in 13 channels."""

    def __init__(self, head):
        super().__init__()
        parts = (head.score, head.box, head.corners)
        self.stem = head.stem
        self.out = torch.nn.Conv2d(head.score.in_channels, sum(p.out_channels for p in parts), 1)
        self.out.weight.data = torch.cat([p.weight.data for p in parts])
        self.out.bias.data = torch.cat([p.bias.data for p in parts])

    def forward(self, x):
        return self.out(self.stem(x))


def streamline(net):
    from detector_net import C2f, Head
    for name, m in list(net.named_children()):
        if isinstance(m, C2f):
            streamline(m)
            setattr(net, name, SplitC2f(m))
        elif isinstance(m, Head):
            setattr(net, name, MergedHead(m))
        else:
            streamline(m)
    if isinstance(net, (torch.nn.ModuleList, torch.nn.Sequential)):
        for i, m in enumerate(net):
            if isinstance(m, C2f):
                net[i] = SplitC2f(m)
            elif isinstance(m, Head):
                net[i] = MergedHead(m)
    return net


def simplify(path):
    """Works out what is constant and puts the zeros around a convolution's input into the convolution: one node instead of two."""
    import onnx
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = path
    ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    model = onnx.load(path)
    graph, known = model.graph, {i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer}
    before = {node.output[0]: node for node in graph.node if node.op_type == "Pad"}
    for node in graph.node:
        pad = before.get(node.input[0]) if node.op_type == "Conv" else None
        if pad is not None:
            pads = known[pad.input[1]].tolist()
            node.attribute.remove(next(a for a in node.attribute if a.name == "pads"))
            node.attribute.append(onnx.helper.make_attribute("pads", pads[2:4] + pads[6:8]))
            node.input[0] = pad.input[0]
    for pad in before.values():
        graph.node.remove(pad)
    used = {name for node in graph.node for name in node.input}
    for initializer in [i for i in graph.initializer if i.name not in used]:
        graph.initializer.remove(initializer)
    for other in [o for o in model.opset_import if o.domain]:
        model.opset_import.remove(other)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    kind, weights, out = sys.argv[1:4]
    if kind == "detector":
        from detectors import load
        net = fold(load(weights).eval())
        net = (net.fuse() if hasattr(net, "fuse") else streamline(net)).eval()
        x, inputs, outputs = torch.rand(1, 3, 288, 512), ["images"], ["p8", "p16", "p32"]
        axes = {"images": {2: "height", 3: "width"}} | {f"p{s}": {2: f"height{s}", 3: f"width{s}"} for s in (8, 16, 32)}
        other = torch.rand(1, 3, 352, 384)
    elif kind == "states":
        from states_net import HEIGHT, WIDTH, Exported, load
        trained, states = load(weights)
        net = Exported(fold(trained.eval())).eval()
        x, inputs, outputs = torch.rand(2, 3, HEIGHT, WIDTH) * 2 - 1, ["plate"], ["region"]
        axes = {name: {0: "batch"} for name in inputs + outputs}
        other = torch.rand(3, 3, HEIGHT, WIDTH) * 2 - 1
        print("regions =", json.dumps(states))
    else:
        from recognizer_net import Exported, load
        trained, regions = load(weights)
        net = Exported(streamline(fold(trained.eval()))).eval()
        colors = trained.config["colors"]
        x, inputs, outputs = torch.rand(2, colors, 64, 128) * 2 - 1, ["plate"], ["probs", "region"]
        axes = {name: {0: "batch"} for name in inputs + outputs}
        other = torch.rand(3, colors, 64, 128) * 2 - 1
        print("regions =", json.dumps(regions))
    with torch.inference_mode():
        torch.onnx.export(net, (x,), out, input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=17, dynamo=False)
        if kind == "states":
            simplify(out)
        import onnxruntime as ort
        session = ort.InferenceSession(out, providers=["CPUExecutionProvider"])
        for v in (x, other):
            want = net(v)
            got = session.run(None, {inputs[0]: v.numpy()})
            worst = max(float(np.abs(w.numpy() - g).max()) for w, g in zip(want if isinstance(want, (list, tuple)) else [want], got))
            print(f"{out}: {[g.shape for g in got]}, largest difference to torch {worst:.2g}")
            if worst > 2e-2:
                raise SystemExit("the exported network disagrees with the trained one")


if __name__ == "__main__":
    main()

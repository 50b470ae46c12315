#!/usr/bin/env python3
"""Write a trained network as ONNX, with the output names and shapes that its contract in the manifest promises.

    export.py detector WEIGHTS.pt OUT.onnx          contract `quads`, dynamic height and width
    export.py recognizer WEIGHTS.pt OUT.onnx        contract `ctc`, dynamic batch
"""
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


def main():
    kind, weights, out = sys.argv[1:4]
    state = torch.load(weights, weights_only=True)
    if kind == "detector":
        from detector_net import Detector, Exported
        channels = (state["stem.0.0.weight"].shape[0], state["stem.1.0.weight"].shape[0]) + tuple(state[f"s{k}.0.0.weight"].shape[0] for k in (8, 16, 32))
        net = Detector(channels)
        net.load_state_dict(state)
        net = Exported(fold(net.eval())).eval()
        x, inputs, outputs = torch.rand(1, 3, 288, 512), ["images"], ["quads"]
        axes = {"images": {2: "height", 3: "width"}, "quads": {1: "cells"}}
        other = torch.rand(1, 3, 352, 384)
    else:
        from recognizer_net import Recognizer, Exported
        net = Recognizer()
        net.load_state_dict(state)
        net = Exported(fold(net.eval())).eval()
        x, inputs, outputs = torch.rand(2, 1, 64, 128) * 2 - 1, ["plate"], ["probs"]
        axes = {"plate": {0: "batch"}, "probs": {0: "batch"}}
        other = torch.rand(3, 1, 64, 128) * 2 - 1
    with torch.inference_mode():
        torch.onnx.export(net, (x,), out, input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=17, dynamo=False)
        import onnxruntime as ort
        session = ort.InferenceSession(out, providers=["CPUExecutionProvider"])
        for v in (x, other):
            want, got = net(v).numpy(), session.run(None, {inputs[0]: v.numpy()})[0]
            worst = float(np.abs(want - got).max())
            print(f"{out}: {got.shape}, largest difference to torch {worst:.2g}")
            if worst > 2e-2:
                raise SystemExit("the exported network disagrees with the trained one")


if __name__ == "__main__":
    main()

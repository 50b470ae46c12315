#!/usr/bin/env python3
"""The floor under a frame's time: multiplications of the networks divided by the machine's measured peak.

    floor.py [--models ../../models]          needs numpy, onnx, onnxruntime

The peak is the best rate of a large matrix product through ONNX Runtime on one thread: fp32 (MatMul) and 8-bit integers
(MatMulInteger, unsigned by signed). No network reaches it: small channel counts, the first convolution and everything that is
no convolution keep it busy with less. Prints a Markdown table. Counts multiply-accumulates; a FLOP count is twice that.
"""
import argparse
import os
import time
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper


def session(model, sizes=()):
    o = ort.SessionOptions()
    o.intra_op_num_threads = o.inter_op_num_threads = 1
    for name, size in sizes:
        o.add_free_dimension_override_by_name(name, size)
    return ort.InferenceSession(model, o, providers=["CPUExecutionProvider"])


def best(s, feed, seconds=1.5):
    """Least processor seconds of a run, and the median."""
    s.run(None, feed)
    times, end = [], time.process_time() + seconds
    while time.process_time() < end or len(times) < 5:
        start = time.process_time()
        s.run(None, feed)
        times.append(time.process_time() - start)
    return min(times), float(np.median(times))


def peak(kind, n=1024):
    rng = np.random.default_rng(1)
    if kind == "fp32":
        b = rng.random((n, n), np.float32)
        nodes = [helper.make_node("MatMul", ["a", "b"], ["c"])]
        a, types = rng.random((n, n), np.float32), (TensorProto.FLOAT, TensorProto.FLOAT)
    else:
        b = rng.integers(-64, 64, (n, n)).astype(np.int8)
        nodes = [helper.make_node("MatMulInteger", ["a", "b"], ["c"])]
        a, types = rng.integers(0, 255, (n, n)).astype(np.uint8), (TensorProto.UINT8, TensorProto.INT32)
    graph = helper.make_graph(nodes, "peak", [helper.make_tensor_value_info("a", types[0], [n, n])],
                              [helper.make_tensor_value_info("c", types[1], [n, n])], [numpy_helper.from_array(b, "b")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return n ** 3 / best(session(model.SerializeToString()), {"a": a})[0]


def multiplications(path, sizes):
    """Multiply-accumulates of a fp32 network's convolutions and matrix products at these sizes."""
    model = onnx.load(path)
    for value in list(model.graph.input):
        for d in value.type.tensor_type.shape.dim:
            if d.dim_param:
                d.dim_value = sizes[d.dim_param]
    del model.graph.value_info[:]
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in [*model.graph.value_info, *model.graph.input]}
    # What the graph promises of its outputs may be symbols; what inference finds is a number.
    weights = {w.name: list(w.dims) for w in model.graph.initializer}
    total = 0
    for n in model.graph.node:
        if n.op_type == "Conv":
            out = shapes.get(n.output[0])
            w = weights[n.input[1]]
            if not out or not all(out):
                x, at = shapes[n.input[0]], {k.name: list(k.ints) for k in n.attribute if k.ints}
                pads, s = at.get("pads", [0] * 4), at.get("strides", [1, 1])
                out = [x[0], w[0]] + [(x[2 + i] + pads[i] + pads[2 + i] - w[2 + i]) // s[i] + 1 for i in (0, 1)]
            total += int(np.prod(out)) * int(np.prod(w[1:]))
        elif n.op_type == "Gemm":
            total += int(np.prod(weights[n.input[1]]))
    return total


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--models", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models"))
    a = ap.parse_args()
    peaks = {kind: peak(kind) for kind in ("fp32", "int8")}
    print(", ".join(f"peak of one thread, {k}: {v / 1e9:.0f} GMAC/s" for k, v in peaks.items()) + "\n")
    print("| network | MMAC | precision | floor ms | measured ms | share of the peak |\n|---|---|---|---|---|---|")
    for name, shape, sizes in (("detector", (1, 3, 288, 512), {"height": 288, "width": 512}), ("recognizer", (1, 1, 64, 128), {"batch": 1})):
        macs = multiplications(os.path.join(a.models, f"{name}.onnx"), sizes)
        for kind, suffix in (("fp32", ""), ("int8", "-int8")):
            path = os.path.join(a.models, f"{name}{suffix}.onnx")
            if not os.path.exists(path):
                continue
            s = session(path, sizes.items())
            _, ms = best(s, {s.get_inputs()[0].name: np.random.default_rng(2).random(shape, np.float32)})
            floor = macs / peaks[kind]
            print(f"| {name} {'x'.join(map(str, shape[2:]))} | {macs / 1e6:.0f} | {kind} | {1e3 * floor:.2f} | {1e3 * ms:.2f} | {100 * floor / ms:.0f} % |")


if __name__ == "__main__":
    main()

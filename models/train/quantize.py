#!/usr/bin/env python3
"""Static INT8 quantisation: uint8 activations, per-channel int8 weights, QDQ nodes, calibrated on pictures of the train split.

    quantize.py detector IN.onnx OUT.onnx --data ../../../shared/data [--pictures 300]
    quantize.py recognizer IN.onnx OUT.onnx --pack work/plates.pack
    quantize.py states IN.onnx OUT.onnx --data ../../../shared/data --plates ../../../shared/plates
"""
import argparse
import os
import tempfile
import cv2
import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from space_to_depth import blocks, read_blocks, read_bytes


class Reader(CalibrationDataReader):
    def __init__(self, name, arrays):
        self.name, self.it = name, iter(arrays)

    def get_next(self):
        x = next(self.it, None)
        return None if x is None else {self.name: x}


def detector_inputs(data, pictures, seed=5):
    from scenes import read_scenes
    scenes = read_scenes(data, "train")
    rng = np.random.default_rng(seed)
    for i in rng.permutation(len(scenes))[:pictures]:
        im = scenes[i]["image"]
        h, w = im.shape[:2]
        # One shape for all: calibration collects ranges, not positions.
        H, W = 352, 416
        k = min(W / w, H / h)
        canvas = np.full((H, W, 3), 114, np.uint8)
        small = cv2.resize(im, (round(w * k), round(h * k)), interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
        canvas[:small.shape[0], :small.shape[1]] = small
        yield np.ascontiguousarray(canvas.transpose(2, 0, 1)[None].astype(np.float32) / 255)


def recognizer_inputs(pack, pictures, colors, seed=5):
    import torch
    from recognizer_augment import Camera
    from recognizer_data import read_pack, to_canvas
    entries, encoded = read_pack(pack)
    torch.manual_seed(seed)
    rows = [i for i, e in enumerate(entries) if e["split"] == "train" and e["text"]]
    rows = np.random.default_rng(seed).permutation(rows)[:pictures]
    camera = Camera("cpu")
    tensor = lambda values: torch.tensor(np.array(values), dtype=torch.float32)
    for k in range(0, len(rows), 8):
        part = rows[k:k + 8]
        made = [to_canvas(encoded[i], entries[i]["quad"]) for i in part]
        canvases = tensor([m[0] for m in made]) / 255
        beside = tensor([len(entries[i]["text"]) / max(entries[i]["lines"], 1) for i in part])
        images, _ = camera(canvases, tensor([m[2] for m in made]), tensor([entries[i]["native"] for i in part]), beside, torch.zeros(len(part)))
        # Half as training sees them, half as they are.
        images[::2] = camera.plain(canvases, None)[::2]
        if colors == 1:
            images = (images * camera.luma).sum(1, keepdim=True)
        yield (images * 2 - 1).numpy()


def states_inputs(data, plates, pictures, seed=5):
    from states_train import Plates, WIDTH, HEIGHT, rows, seen, tensor
    entries = [e for e in rows(data, plates) if e[0] == "train"]
    known = Plates(entries, sorted({e[4] for e in entries}))
    rng = np.random.default_rng(seed)
    for i, k in enumerate(rng.permutation(len(known))[:pictures]):
        # Half as training sees them, half as they are.
        yield tensor([known.plain(k) if i % 2 else seen(known, k, rng, (WIDTH, HEIGHT))]).contiguous().numpy()


def final_convolutions(model):
    """Convolutions whose result leaves the network without another one after it: their error is never averaged away."""
    users = {}
    for n in model.graph.node:
        for i in n.input:
            users.setdefault(i, []).append(n)

    def reaches_conv(name, seen):
        for n in users.get(name, []):
            if n.op_type == "Conv":
                return True
            for o in n.output:
                if o not in seen:
                    seen.add(o)
                    if reaches_conv(o, seen):
                        return True
        return False

    return [n.name for n in model.graph.node if n.op_type == "Conv" and not reaches_conv(n.output[0], set())]


def first_convolution(model):
    """The convolution that sees the picture, with its ReLU, so that what follows is quantised once and after it."""
    name = model.graph.input[0].name
    convolutions = [n for n in model.graph.node if n.op_type == "Conv" and n.input[0] == name]
    outputs = {o for n in convolutions for o in n.output}
    return [n.name for n in convolutions] + [n.name for n in model.graph.node if n.op_type == "Relu" and n.input[0] in outputs]


def ranges(model):
    """-> of each quantised tensor its smallest and largest number"""
    known = {i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer}
    found = {}
    for n in model.graph.node:
        if n.op_type == "QuantizeLinear" and known[n.input[1]].ndim == 0:
            scale, zero = float(known[n.input[1]]), int(known[n.input[2]])
            found[n.input[0]] = (-zero * scale, (255 - zero) * scale)
    return found


def shared_ranges(prepared, found):
    """Overrides that give what is concatenated the range of all of it: then it is copied, and not rescaled."""
    before = {n.output[0]: n for n in prepared.graph.node}
    group = {}
    for n in prepared.graph.node:
        if n.op_type != "Concat":
            continue
        names = set()
        for name in [*n.input, n.output[0]]:
            # These hand on the scale that they are given.
            while name in before and before[name].op_type in ("Resize", "MaxPool"):
                names.add(name)
                name = before[name].input[0]
            names.add(name)
        names = set().union(names, *(group.get(name, ()) for name in names))
        for name in names:
            group[name] = names
    overrides = {}
    for names in group.values():
        known = [found[name] for name in names if name in found]
        if not known:
            continue
        low, high = min(k[0] for k in known), max(k[1] for k in known)
        overrides |= {name: [{"rmin": np.float32(low), "rmax": np.float32(high)}] for name in names if name in found}
    return overrides


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("kind", choices=("detector", "recognizer", "states"))
    ap.add_argument("input")
    ap.add_argument("output")
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--plates", default="../../../shared/plates")
    ap.add_argument("--pack", default="work/plates.pack")
    ap.add_argument("--pictures", type=int, default=300)
    ap.add_argument("--method", choices=("minmax", "percentile", "entropy"), default="minmax")
    ap.add_argument("--keep-last", action="store_true", help="leave the last convolutions in fp32")
    ap.add_argument("--keep-first", action="store_true", help="leave the first convolution in fp32: with three channels it is no faster in INT8")
    ap.add_argument("--keep", nargs="*", default=[], help="names of more nodes to leave in fp32")
    ap.add_argument("--one-range", action="store_true", help="give what is concatenated one range, so that it need not be rescaled")
    ap.add_argument("--space-to-depth", action="store_true", help="let a detector read bytes in blocks of 2 x 2 pixels")
    ap.add_argument("--reduce-range", action="store_true", help="weights of 7 bits, which no processor without VNNI instructions saturates on")
    ap.add_argument("--percentile", type=float, default=99.995)
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as t:
        prepared = os.path.join(t, "prepared.onnx")
        quant_pre_process(a.input, prepared, skip_symbolic_shape=True)
        model = onnx.load(prepared)
        if a.space_to_depth:
            model = read_blocks(model)
            onnx.save(model, prepared)
        last = a.keep + (final_convolutions(model) if a.keep_last else [])
        if a.keep_first:
            last += first_convolution(model)
        def reader():
            if a.kind == "detector":
                pictures = detector_inputs(a.data, a.pictures)
                return Reader("images", map(blocks, pictures) if a.space_to_depth else pictures)
            if a.kind == "states":
                return Reader("plate", states_inputs(a.data, a.plates, a.pictures * 4))
            colors = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
            return Reader("plate", recognizer_inputs(a.pack, a.pictures * 4, colors))

        # Bytes, exactly.
        picture = {"images": [{"rmin": np.float32(0), "rmax": np.float32(1)}]} if a.space_to_depth else {}

        def quantize(overrides):
            extra = {"ActivationSymmetric": False, "WeightSymmetric": True, "TensorQuantOverrides": picture | overrides}
            if a.method == "percentile":
                extra["CalibPercentile"] = a.percentile
            quantize_static(prepared, a.output, reader(), quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8,
                            weight_type=QuantType.QInt8, per_channel=True, reduce_range=a.reduce_range, calibrate_method={
                                "minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile,
                                "entropy": CalibrationMethod.Entropy}[a.method],
                            op_types_to_quantize=["Conv", "Relu", "Clip", "MaxPool", "Add", "Concat", "Resize", "Split"], nodes_to_exclude=last, extra_options=extra)

        quantize({})
        if a.one_range:
            quantize(shared_ranges(model, ranges(onnx.load(a.output))))
        if a.space_to_depth:
            onnx.save(read_bytes(onnx.load(a.output)), a.output)
    print(f"{a.output}: {os.path.getsize(a.output) / 1e6:.2f} MB, kept in fp32: {last}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Static INT8 quantisation: uint8 activations, per-channel int8 weights, QDQ nodes, calibrated on pictures of the train split.

    quantize.py detector IN.onnx OUT.onnx --data ../../../shared/data [--pictures 300]
    quantize.py recognizer IN.onnx OUT.onnx --data ../../../shared/data [--synth 'work/crops_s*.u8']
"""
import argparse
import os
import tempfile
import cv2
import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


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


def recognizer_inputs(data, synth, pictures, seed=5):
    from plates import Real, Mixer
    mixer = Mixer(Real(data, "train", negatives=1), synth, 0.6, seed=seed)
    for _ in range(pictures // 8):
        yield np.stack([mixer.sample()[0] for _ in range(8)])[:, None].astype(np.float32) / 127.5 - 1


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


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("kind", choices=("detector", "recognizer"))
    ap.add_argument("input")
    ap.add_argument("output")
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--synth", default="work/crops_s*.u8")
    ap.add_argument("--pictures", type=int, default=300)
    ap.add_argument("--method", choices=("minmax", "percentile", "entropy"), default="minmax")
    ap.add_argument("--keep-last", action="store_true", help="leave the last convolutions in fp32")
    ap.add_argument("--keep-first", action="store_true", help="leave the first convolution in fp32: with three channels it is no faster in INT8")
    ap.add_argument("--keep", nargs="*", default=[], help="names of more nodes to leave in fp32")
    ap.add_argument("--reduce-range", action="store_true", help="weights of 7 bits, which no processor without VNNI instructions saturates on")
    ap.add_argument("--percentile", type=float, default=99.995)
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as t:
        prepared = os.path.join(t, "prepared.onnx")
        quant_pre_process(a.input, prepared, skip_symbolic_shape=True)
        model = onnx.load(prepared)
        last = a.keep + (final_convolutions(model) if a.keep_last else [])
        if a.keep_first:
            last += first_convolution(model)
        if a.kind == "detector":
            reader = Reader("images", detector_inputs(a.data, a.pictures))
        else:
            reader = Reader("plate", recognizer_inputs(a.data, a.synth, a.pictures * 8))
        extra = {"ActivationSymmetric": False, "WeightSymmetric": True}
        if a.method == "percentile":
            extra["CalibPercentile"] = a.percentile
        quantize_static(prepared, a.output, reader, quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8,
                        weight_type=QuantType.QInt8, per_channel=True, reduce_range=a.reduce_range, calibrate_method={
                            "minmax": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile,
                            "entropy": CalibrationMethod.Entropy}[a.method],
                        op_types_to_quantize=["Conv", "Relu", "MaxPool", "Add", "Concat", "Resize", "Split"], nodes_to_exclude=last, extra_options=extra)
    print(f"{a.output}: {os.path.getsize(a.output) / 1e6:.2f} MB, kept in fp32: {last}")


if __name__ == "__main__":
    main()

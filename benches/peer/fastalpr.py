#!/usr/bin/env python3
"""FastALPR's published code and weights on raw frames; started by the program `side_by_side`.

    fastalpr.py --peers FOLDER FRAMES.raw

FRAMES.raw holds for each frame its width and height (32-bit little endian) and its pixels (BGR). Prints `ready`, then for
each line on standard input reads all frames once, with one thread, and answers with a line of JSON: processor and wall
milliseconds of detection and recognition, and plates read. The crops are FastALPR's own, without a margin.
"""
import argparse
import json
import os
import sys
import time
import cv2
import numpy as np
import onnxruntime as ort
from fast_plate_ocr import LicensePlateRecognizer
from open_image_models.detection.core.yolo_v9 import YoloV9Detector

parser = argparse.ArgumentParser()
parser.add_argument("--peers", required=True)
parser.add_argument("frames")
arguments = parser.parse_args()
cv2.setNumThreads(1)


def options():
    o = ort.SessionOptions()
    o.intra_op_num_threads = o.inter_op_num_threads = 1
    return o


peer = lambda name: os.path.join(arguments.peers, name)
# The packages print while they load, and standard output is for answers.
answers, sys.stdout = sys.stdout, sys.stderr
recognizer = LicensePlateRecognizer(onnx_model_path=peer("cct_xs_v2_global.onnx"), plate_config_path=peer("cct_xs_v2_global_plate_config.yaml"),
                                    providers=["CPUExecutionProvider"], sess_options=options())
detector = YoloV9Detector(peer("yolo-v9-t-416-license-plates-end2end1.onnx"), ["License Plate"], conf_thresh=0.4,
                          providers=["CPUExecutionProvider"], sess_options=options())
data, frames = np.fromfile(arguments.frames, np.uint8), []
while len(data):
    width, height = data[:8].view("<u4")
    size = int(width) * int(height) * 3
    frames.append(data[8:8 + size].reshape(height, width, 3))
    data = data[8 + size:]
print("ready", file=answers, flush=True)
for _ in sys.stdin:
    cpu, wall, plates = time.process_time(), time.perf_counter(), 0
    for frame in frames:
        for found in detector.predict(frame):
            box = found.bounding_box
            crop = frame[max(box.y1, 0):box.y2, max(box.x1, 0):box.x2]
            if crop.size:
                recognizer.run_one(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), return_confidence=True)
                plates += 1
    print(json.dumps({"cpu_ms": 1e3 * (time.process_time() - cpu), "wall_ms": 1e3 * (time.perf_counter() - wall), "plates": plates}),
          file=answers, flush=True)

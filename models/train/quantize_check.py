#!/usr/bin/env python3
"""Accuracy and cost of quantised networks beside the ones they were made from, and whether they may be shipped.

    quantize_check.py --manifest ../manifest.toml --detector INT8.onnx --recognizer INT8.onnx
                      --program PLATEWARDEN --score ../shared/eval/score.py [--data DIR] [--out REPORT.md]

Every combination of the manifest's networks with the given ones reads the dev split with the engine itself; a network
passes where det@.5 and exact each fall by less than 0.5 points (`--limit`) with it alone exchanged and with all of them.
Several files may be given for a network: all are measured. Cost: processor time of one run on one thread, the files by
turns, so that a change in the machine's speed meets all alike. Prints a Markdown table; ends with status 1 where the
last files given do not pass.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import numpy as np


def reads_bytes(path):
    import onnxruntime as ort
    return ort.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()[0].type == "tensor(uint8)"


def manifest_with(text, folder, detector, recognizer):
    """The manifest with other files: their names and SHA-256."""
    for kind, path in (("detector", detector), ("recognizer", recognizer)):
        digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
        name = os.path.join(folder, f"{kind}.onnx")
        if os.path.lexists(name):
            os.remove(name)
        os.symlink(os.path.abspath(path), name)
        text = re.sub(rf'(\[{kind}\]\nfile = ")[^"]+("\nsha256 = ")[^"]*"', rf'\g<1>{kind}.onnx\g<2>{digest}"', text)
    # Left out: which state a plate is of decides nothing that is measured here.
    text = re.sub(r"\n(#[^\n]*\n)*\[subdivision\].*", "\n", text, flags=re.DOTALL)
    # The files given are to be judged, whatever the engine would choose.
    text = re.sub(r'\n(#[^\n]*\n)*\[\w+\.int8\]\n(\w+ = [^\n]*\n)*', "\n", text)
    if reads_bytes(detector):
        text = text.replace("[detector]\n", "[detector]\nspace_to_depth = true\n", 1)
    out = os.path.join(folder, "manifest.toml")
    open(out, "w", encoding="utf-8").write(text)
    return out


def accuracy(a, detector, recognizer, backend):
    """-> the scorer's overall row as a dict."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = manifest_with(open(a.manifest, encoding="utf-8").read(), folder, detector, recognizer)
        predictions = os.path.join(folder, "predictions.jsonl")
        run = [a.program, "evaluate", a.data, "--split", "dev", "--out", predictions, "--model", manifest, "--backend", backend]
        subprocess.run(run, check=True, stderr=subprocess.DEVNULL)
        printed = subprocess.run([sys.executable, a.score, predictions, "--data", a.data], check=True, capture_output=True, text=True).stdout
        return json.loads(printed.strip().splitlines()[-1])["overall"]


def costs(files, rounds=15, repeat=4):
    """Median milliseconds of processor time of each file, taken by turns."""
    import onnxruntime as ort
    runs = []
    for path in files:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        node = session.get_inputs()[0]
        sizes = {"batch": 1, "height": 288, "width": 512, "rows": 144, "columns": 256}
        shape = [d if isinstance(d, int) else sizes[d] for d in node.shape]
        rng = np.random.default_rng(1)
        x = rng.integers(0, 256, shape, np.uint8) if node.type == "tensor(uint8)" else rng.random(shape, np.float32)
        runs.append((session, {node.name: x}, []))
        session.run(None, {node.name: x})
    for _ in range(rounds):
        for session, feed, times in runs:
            start = time.process_time()
            for _ in range(repeat):
                session.run(None, feed)
            times.append(1e3 * (time.process_time() - start) / repeat)
    return {path: float(np.median(times)) for path, (_, _, times) in zip(files, runs)}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--manifest", default="../manifest.toml")
    ap.add_argument("--detector", nargs="*", default=[])
    ap.add_argument("--recognizer", nargs="*", default=[])
    ap.add_argument("--program", required=True)
    ap.add_argument("--score", required=True)
    ap.add_argument("--data", default="../../../shared/data")
    ap.add_argument("--backend", default="onnxruntime")
    ap.add_argument("--limit", type=float, default=0.5)
    ap.add_argument("--out")
    a = ap.parse_args()
    folder = os.path.dirname(os.path.abspath(a.manifest))
    original = dict(re.findall(r'\[(detector|recognizer)\]\nfile = "([^"]+)"', open(a.manifest, encoding="utf-8").read()))
    det, rec = (os.path.join(folder, original[k]) for k in ("detector", "recognizer"))
    pairs = [(det, rec)] + [(d, rec) for d in a.detector] + [(det, r) for r in a.recognizer]
    if a.detector and a.recognizer:
        pairs.append((a.detector[-1], a.recognizer[-1]))
    ms = costs([det, *a.detector]) | costs([rec, *a.recognizer])
    lines = ["| detector | recogniser | det@.5 | fp/im | exact | top5 | cer | ms detector | ms recogniser | passes |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    base, passes = None, True
    for d, r in pairs:
        s = accuracy(a, d, r, a.backend)
        base = base or s
        passes = all(base[k] - s[k] < a.limit for k in ("det@.5", "exact"))
        lines.append(f"| {os.path.basename(d)} | {os.path.basename(r)} | {s['det@.5']:.1f} | {s['fp/im']:.3f} | {s['exact']:.1f} | {s['top5']:.1f} | "
                     f"{s['cer']:.3f} | {ms[d]:.2f} | {ms[r]:.2f} | {'-' if s is base else 'yes' if passes else 'no'} |")
        print(lines[-1], flush=True)
    report = "\n".join(lines) + "\n"
    if a.out:
        open(a.out, "w", encoding="utf-8").write(report)
    print("\n" + report)
    sys.exit(0 if passes else 1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Imports every model of a folder and compares it with the outputs that other runtimes gave for it.

Usage: bench/check_models.py FOLDER [--cifar10 DIR] [--fashion DIR] [--only ID,...] [--bits 8,6,4] [--xloop PROGRAM]

FOLDER has manifest.json: for each model its file, input samples (float32), expected outputs and tolerance, what the import is
expected to do (run, run-or-refuse, refuse), and the expected class of each test image. Prints a table in Markdown. Integers of
--bits are made with ranges from training images (Fashion-MNIST, CIFAR-10); where only test images are at hand (MNIST) they are
not made. Needs numpy.
"""
import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np


def fashion(folder, part, limit):
    folder = pathlib.Path(folder)
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as f:
        images = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)[:limit]
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as f:
        labels = np.frombuffer(f.read(), np.uint8, offset=8)[:limit]
    return images, labels


def cifar(folder, part, limit):
    files = sorted(pathlib.Path(folder).glob("test_batch.bin" if part == "t10k" else "data_batch_*.bin"))
    records = np.concatenate([np.fromfile(f, np.uint8).reshape(-1, 3073) for f in files])[:limit]
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def images_of(model, folder, options, part, limit):
    """Pixels N x C x H x W and labels of the model's data set; None where it is not at hand."""
    task = model["task"]
    if task == "CIFAR-10" and options.cifar10:
        return cifar(options.cifar10, part, limit)
    if task == "Fashion-MNIST" and options.fashion:
        return fashion(options.fashion, part, limit)
    if task == "MNIST" and part == "t10k":
        pixels = np.fromfile(folder / "data/mnist_test_first500.u8", np.uint8).reshape(-1, 1, 28, 28)
        return pixels[:limit], np.fromfile(folder / "data/mnist_test_first500.labels.u8", np.uint8)[:limit]
    return None


def preprocessed(model, pixels):
    how = model["preprocessing"]
    x = pixels.astype(np.float32)
    if how["scale"] != "raw":
        x = x / 255
    if how["scale"] == "pm1":
        x = x * 2 - 1
    if "mean" in how:
        shape = (1, -1, 1, 1)
        x = (x - np.array(how["mean"], np.float32).reshape(shape)) / np.array(how["std"], np.float32).reshape(shape)
    if how.get("layout") == "NHWC":
        x = x.transpose(0, 2, 3, 1)
    return np.ascontiguousarray(x, np.float32)


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True)


def check(model, folder, options, scratch):
    """One row: id, import, largest difference, tolerance, classes that agree, accuracies."""
    network = scratch / model["id"]
    made = run(options.xloop, "import", folder / model["model"], "-o", network, "--force")
    if made.returncode != 0:
        said = (made.stderr.strip().splitlines() or ["?"])[-1].replace(str(folder) + "/", "")
        right = model["expect"] != "run" and made.returncode == 2
        return [model["id"], "refused" if right else f"FAILED ({made.returncode})", said], right
    if model["expect"] == "refuse":
        return [model["id"], "FAILED (should be refused)"], False
    got = scratch / "got.f32"
    ran = run(options.xloop, "infer", network, "--inputs", folder / model["inputs"]["file"], "--out", got)
    if ran.returncode != 0:
        return [model["id"], f"FAILED: {ran.stderr.strip()}"], False
    expected = np.fromfile(folder / model["outputs"][0]["file"], np.float32)
    ours = np.fromfile(got, np.float32)
    if ours.size != expected.size:
        return [model["id"], f"FAILED: {ours.size} values in place of {expected.size}"], False
    difference, tolerance = float(np.abs(ours - expected).max()), model["suggested_atol"]
    right = difference <= tolerance
    row = [model["id"], "ok" if right else "FAILED", f"{difference:.2g}", f"{tolerance:.2g}"]
    test = images_of(model, folder, options, "t10k", options.images)
    if test is None:
        return row + ["-", "-"] + ["-"] * len(options.bits), right
    pixels, labels = test
    samples = scratch / "samples.f32"
    preprocessed(model, pixels).tofile(samples)

    def top1(*arguments):
        ran = run(options.xloop, "infer", network, "--inputs", samples, "--out", got, *arguments)
        if ran.returncode != 0:
            sys.exit(ran.stderr)
        return np.fromfile(got, np.float32).reshape(len(labels), -1).argmax(1)

    ours = top1()
    oracle = np.fromfile(folder / model["top1"]["predictions_file"], np.uint8)[: len(labels)]
    agree = int((ours == oracle).sum())
    right = right and agree >= len(labels) - 2
    row += [f"{agree} of {len(labels)}", f"{100 * (ours == labels).mean():.2f}"]
    training = images_of(model, folder, options, "train", 256)
    for bits in options.bits:
        if training is None:
            row.append("-")
            continue
        calibration = scratch / "calibration.f32"
        preprocessed(model, training[0]).tofile(calibration)
        mse = ["--ranges", "mse"] if bits < 8 else []
        share = (top1("--engine", "integer", "--calibrate", calibration, "-s", f"numerics.weight_bits={bits}",
                      "-s", f"numerics.activation_bits={bits}", *mse) == labels).mean()
        row.append(f"{100 * share:.2f}")
    return row, right


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--cifar10")
    parser.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--only", default="")
    parser.add_argument("--bits", default="8,6,4")
    parser.add_argument("--images", type=int, default=10000)
    parser.add_argument("--xloop", default="build/release/bin/xloop")
    options = parser.parse_args()
    options.bits = [int(b) for b in options.bits.split(",") if b]
    models = json.loads((options.folder / "manifest.json").read_text())["models"]
    head = ["model", "import", "largest difference", "tolerance", "class as the other runtime", "float, %"]
    head += [f"{b} bits, %" for b in options.bits]
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head), flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for model in models:
            if options.only and model["id"] not in options.only.split(","):
                continue
            row, right = check(model, options.folder, options, pathlib.Path(scratch))
            failed += not right
            print("| " + " | ".join(row) + " |", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""A PyTorch network on ReRAM arrays: trained in plain PyTorch, judged on three pieces of hardware, fine-tuned on the arrays.

    /usr/bin/python3 examples/from_python/fashion_mnist.py [--train 20000] [--test 1000] [--tuned 6000] [--set KEY=VALUE]
"""
import argparse
import copy
import gzip
import pathlib
import time

import torch
import torch.nn.functional as F
from torch import nn
from xloop_layers import load, on_arrays, on_chip

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")  # Debian's dataset-fashion-mnist
COSTS = str(ROOT / "configs/tech/generic_32nm.yaml")
HARDWARE = [  # name, file, settings
    ("64x64 arrays, 8-bit ADC", "reram_64x64.yaml", []),
    ("the same, 5-bit ADC", "reram_64x64.yaml", ["adc.bits=5", "adc.range=calibrated"]),
    ("harsh cells and wires", "reram_64x64_harsh.yaml", []),
]


def images(part, count):
    """Images in [0, 1], [count, 1, 28, 28], and labels: the first ones of a file of the set."""
    def values(file, header):
        return torch.frombuffer(bytearray(gzip.decompress((DATA / file).read_bytes())[header:]), dtype=torch.uint8)
    pixels = values(f"{part}-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28)
    return pixels[:count].float() / 255, values(f"{part}-labels-idx1-ubyte.gz", 8)[:count].long()


def network():
    return nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(),
                         nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 16, 10))


def train(model, x, y, epochs, rate):
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            F.cross_entropy(model(x[batch]), y[batch]).backward()
            optimiser.step()
    return model.eval()


def accuracy(run, x, y):
    with torch.no_grad():
        return 100 * (run(x).argmax(1) == y).float().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=int, default=20000, help="training images")
    parser.add_argument("--test", type=int, default=1000, help="test images")
    parser.add_argument("--tuned", type=int, default=6000, help="training images of the fine-tuning")
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE of all hardware")
    parser.add_argument("--library", help="libxloop_torch.so")
    options = parser.parse_args()
    load(options.library)
    torch.manual_seed(1)
    x, y = images("train", options.train)
    test_x, test_y = images("t10k", options.test)
    start = time.time()
    model = train(network(), x, y, 5, 2e-3)
    print(f"trained in {time.time() - start:.0f} s; software: {accuracy(model, test_x, test_y):.1f} % of {options.test} test images")
    tuned_x, tuned_y = x[:options.tuned], y[:options.tuned]
    print(f"{'':26}     trained, %           software-tuned, %        array-tuned, %            EDAP\n"
          f"{'hardware':26}" + "  arrays  chip recal.  " * 3 + "  J s mm2")
    more = train(copy.deepcopy(model), tuned_x, tuned_y, 1, 5e-4)  # what more training gives without arrays
    for name, file, settings in HARDWARE:
        hardware, settings = str(ROOT / "configs/hw" / file), settings + options.set

        def aware(plain):
            on = on_arrays(plain, hardware, settings)
            with torch.no_grad():
                on.train()(x[:128])  # ranges of inputs and converters
            return on.eval()

        def judged(plain, on):
            """On the arrays layer by layer; as integers on the whole chip, as it is and with corrected biases and factors."""
            chips = [on_chip(plain, x[:128], hardware, settings, effective_weights=True, recalibrate=r) for r in (False, True)]
            return [accuracy(run, test_x, test_y) for run in (on, chips[0].forward, chips[1].forward)], chips[0]

        trained, chip = judged(model, aware(model))
        control, _ = judged(more, aware(more))
        torch.manual_seed(2)
        on = train(aware(model), tuned_x, tuned_y, 1, 5e-4)
        plain = network()
        plain.load_state_dict(on.state_dict(), strict=False)  # the arrays' ranges stay behind
        tuned, _ = judged(plain, on)
        print(f"{name:26}" + "".join(f"  {a:6.1f} {b:5.1f} {c:5.1f}   " for a, b, c in (trained, control, tuned))
              + f"  {chip.estimate(COSTS)['edap']:.3g}")


if __name__ == "__main__":
    main()

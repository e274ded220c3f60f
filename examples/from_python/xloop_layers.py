"""PyTorch modules on XLoop's operators: layers whose products ReRAM arrays make, and whole networks on a chip."""
import copy
import os
import pathlib
import tempfile

import torch
from torch import nn


def load(library=None):
    """Loads libxloop_torch.so: the file given, that of the variable XLOOP_TORCH, or the release build's."""
    own = pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "lib" / "libxloop_torch.so"
    torch.ops.load_library(str(library or os.environ.get("XLOOP_TORCH") or own))


class CrossbarConv2d(nn.Module):
    """nn.Conv2d with the parameters of `conv` (zero padding only), computed by `arrays`: the arrays forward, smooth backward."""

    def __init__(self, conv, arrays):
        super().__init__()
        if conv.padding_mode != "zeros" or isinstance(conv.padding, str):
            raise RuntimeError(f"{conv}: expected zero padding, given as numbers")
        self.weight, self.bias, self.arrays = conv.weight, conv.bias, arrays
        self.stride, self.padding, self.dilation, self.groups = conv.stride, conv.padding, conv.dilation, conv.groups
        self.register_buffer("input_range", torch.zeros((), dtype=torch.float64))  # largest input seen in training mode
        self.register_buffer("adc_range", torch.zeros((), dtype=torch.float64))  # measured, with adc.range: calibrated

    def forward(self, x):
        return torch.ops.xloop.conv2d(x, self.weight, self.bias, self.arrays, self.input_range, self.adc_range, self.stride,
                                      self.padding, self.dilation, self.groups, self.training)


class CrossbarLinear(nn.Module):
    """nn.Linear with the parameters of `linear`, computed by `arrays`."""

    def __init__(self, linear, arrays):
        super().__init__()
        self.weight, self.bias, self.arrays = linear.weight, linear.bias, arrays
        self.register_buffer("input_range", torch.zeros((), dtype=torch.float64))
        self.register_buffer("adc_range", torch.zeros((), dtype=torch.float64))

    def forward(self, x):
        return torch.ops.xloop.linear(x, self.weight, self.bias, self.arrays, self.input_range, self.adc_range, self.training)


def on_arrays(model, hardware="", settings=(), **options):
    """A copy of `model` with arrays in place of its nn.Conv2d and nn.Linear. `options`: those of torch.classes.xloop.Arrays.

    Inputs of a layer below 0 count as 0, unless signed_inputs=True. Run it in training mode once, without a gradient if you like,
    so that it sees the range of its inputs."""
    model = copy.deepcopy(model)
    number = 0
    for name, layer in list(model.named_modules()):
        kind = {nn.Conv2d: CrossbarConv2d, nn.Linear: CrossbarLinear}.get(type(layer))
        if kind:
            parent, _, own = name.rpartition(".")
            arrays = torch.classes.xloop.Arrays(hardware, list(settings), layer=number, **options)
            setattr(model.get_submodule(parent), own, kind(layer, arrays).train(layer.training))
            number += 1
    return model


def on_chip(model, calibration, hardware="", settings=(), **options):
    """The plain `model` as integers on the programmed chip; `calibration`: training images, which give the ranges of activations.
    `options`: those of torch.classes.xloop.Network."""
    training = model.training
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.pt")
        torch.jit.save(torch.jit.trace(model.eval(), calibration[:1]), file)
        model.train(training)
        return torch.classes.xloop.Network(file, hardware, list(settings), calibration,
                                           input_shape=list(calibration.shape[1:]), **options)

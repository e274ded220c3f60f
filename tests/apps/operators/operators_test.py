"""The operators of libxloop_torch.so as Python and TorchScript see them; operators_test.cpp has the bits against the classes behind them."""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import torch
except ImportError as missing:
    print(f"left out: {missing}")
    sys.exit(77)  # what CTest takes for skipped

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "examples" / "from_python"))
from xloop_layers import load, on_arrays, on_chip  # noqa: E402

IDEAL = """
device: {programming_sigma: 0}
crossbar: {r_driver_ohm: 0, r_wire_row_ohm: 0, r_wire_col_ohm: 0, r_sense_ohm: 0}
adc: {bits: 12}
"""
HARSH = str(ROOT / "configs/hw/reram_64x64_harsh.yaml")
STEP = 1 / 255


def torch_state():
    """What belongs to the process and not to a library that it loads."""
    return (torch.get_num_threads(), torch.get_num_interop_threads(), torch.get_rng_state().tolist(), torch.get_default_dtype(),
            torch.is_grad_enabled(), torch._C._get_mkldnn_enabled(), torch.are_deterministic_algorithms_enabled())



def small_network():
    torch.manual_seed(5)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 6, 3, stride=2, padding=1), torch.nn.ReLU(),
                               torch.nn.Conv2d(6, 8, 3, stride=2, padding=1, groups=2), torch.nn.ReLU(), torch.nn.Flatten(),
                               torch.nn.Linear(8 * 9, 4)).eval()


def numbers():
    return torch.zeros((), dtype=torch.float64)


class Layers(unittest.TestCase):
    def setUp(self):
        """A convolution on the grid: weights k / 100, -127 and 127 in each output, inputs q / 255."""
        torch.manual_seed(1)
        weight = torch.randint(-120, 121, (3, 2, 3, 3)).float()
        weight[:, 0, 0, 0], weight[:, 1, 2, 2] = 127, -127
        self.weight = weight / 100
        self.x = torch.randint(1, 255, (2, 2, 5, 5)).float() * STEP
        self.bias = torch.randn(3)
        self.arrays = torch.classes.xloop.Arrays(IDEAL, input_scale=STEP)

    def run_on(self, x, weight, arrays=None):
        return torch.ops.xloop.conv2d(x, weight, self.bias, self.arrays if arrays is None else arrays, numbers(), numbers(), 1, 1)

    def test_ideal_hardware_multiplies_as_torch_does(self):
        expected = torch.conv2d(self.x.double(), self.weight.double(), self.bias.double(), padding=1)
        torch.testing.assert_close(self.run_on(self.x, self.weight).double(), expected, rtol=1e-5, atol=1e-5)

    def test_gradients_are_finite_differences_where_hardware_is_ideal(self):
        x, weight = self.x.clone().requires_grad_(), self.weight.clone().requires_grad_()
        pull = torch.randn(2, 3, 5, 5)

        def loss(at_x, at_weight):
            return (self.run_on(at_x, at_weight) * pull).sum(dtype=torch.float64)
        loss(x, weight).backward()
        # One step of the grid either way: in between the arrays see no change.
        for tensor, step, indices in ((x, STEP, ((0, 0, 0, 0), (0, 1, 2, 3), (1, 1, 4, 4))),
                                      (weight, 0.01, ((0, 0, 0, 1), (1, 1, 0, 2), (2, 0, 2, 2)))):
            for index in indices:
                values = []
                for sign in (1, -1):
                    moved = tensor.detach().clone()
                    moved[index] += sign * step
                    values.append(loss(moved, weight) if tensor is x else loss(x, moved))
                slope = (values[0] - values[1]).item() / (2 * step)
                self.assertAlmostEqual(tensor.grad[index].item(), slope, delta=1e-3 * tensor.grad.abs().max().item())

    def test_linear_takes_any_axes_and_no_bias(self):
        weight = self.weight.view(3, 18)
        x = self.x.view(-1)[:90].view(5, 1, 18)
        arrays = torch.classes.xloop.Arrays(IDEAL, layer=1, input_scale=STEP)
        got = torch.ops.xloop.linear(x, weight, None, arrays, numbers(), numbers())
        torch.testing.assert_close(got.double(), x.double() @ weight.double().T, rtol=1e-5, atol=1e-5)

    def test_effective_weights_are_the_matrix_without_noise(self):
        arrays = torch.classes.xloop.Arrays(HARSH, ["adc.bits=12", "adc.noise_sigma_lsb=0", "adc.range=full_scale"],
                                            input_scale=STEP)
        got = self.run_on(self.x, self.weight, arrays)
        effective = arrays.effective_weight()
        self.assertGreater((effective - self.weight).abs().max().item(), 0.1)
        expected = torch.conv2d(self.x, effective, self.bias, padding=1)
        torch.testing.assert_close(got, expected, rtol=0, atol=0.02 * expected.abs().max().item())

    def test_arrays_are_programmed_when_weights_change_alone(self):
        self.run_on(self.x, self.weight)
        self.run_on(self.x, self.weight)
        self.assertEqual(self.arrays.programmings(), 1)
        self.run_on(self.x, self.weight * 2)
        self.assertEqual(self.arrays.programmings(), 2)

    def test_training_writes_the_ranges_that_a_state_dict_holds(self):
        model = on_arrays(small_network(), HARSH, ["adc.range=calibrated"])
        x = torch.rand(4, 1, 12, 12)
        with self.assertRaisesRegex(RuntimeError, "an input scale: set input_scale, or run in training mode first"):
            model(x)
        model.train()(x).sum().backward()
        self.assertEqual(model[0].input_range.item(), x.max().item())
        self.assertGreater(model[5].adc_range.item(), 0)
        self.assertGreater(model[0].weight.grad.abs().max().item(), 0)
        other = on_arrays(small_network(), HARSH, ["adc.range=calibrated"])
        other.load_state_dict(model.state_dict())
        for layer in (model[0], model[2], model[5]):
            layer.arrays.set_image_offset(0)
        self.assertTrue(torch.equal(other.eval()(x), model.eval()(x)))

    def test_torchscript_and_copies_give_the_same_bits(self):
        model = on_arrays(small_network(), HARSH).train()
        x = torch.rand(4, 1, 12, 12)
        model(x)
        model.eval()
        scripted = torch.jit.script(model)
        with tempfile.TemporaryDirectory() as folder:
            scripted.save(folder + "/model.pt")
            loaded = torch.jit.load(folder + "/model.pt")
        copied = copy.deepcopy(model)
        self.assertEqual(getattr(loaded, "0").arrays.image_offset(), 4)
        expected = model(x)  # the noise of images 4 to 7
        self.assertTrue(torch.equal(loaded(x), expected))
        self.assertTrue(torch.equal(copied(x), expected))
        self.assertFalse(torch.equal(model(x), expected), "another pass draws other noise")

    def test_errors_say_what_is_wrong(self):
        Arrays = torch.classes.xloop.Arrays
        for arguments, message in ((("no_such.yaml",), "no_such.yaml"),
                                   (("crossbar: {rws: 3}",), r"hardware:1:\d+.*crossbar.rws.*did you mean `rows`"),
                                   (("", ["adc.bits=99"]), "command line.*adc.bits"),
                                   (("", ["tile.engine=digital"]), "tile.engine.*expected analog")):
            with self.assertRaisesRegex(RuntimeError, message):
                Arrays(*arguments)
        with self.assertRaisesRegex(RuntimeError, r"expected maps \[N, 2, height, width\] on the CPU, got \[2, 1, 5, 5\]"):
            self.run_on(self.x[:, :1], self.weight)
        self.run_on(self.x, self.weight)
        with self.assertRaisesRegex(RuntimeError, "these arrays are those of a convolution with weight"):
            self.run_on(self.x, self.weight[:2])


class Networks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.model = small_network()
        cls.x, cls.seen = torch.rand(6, 1, 12, 12), torch.rand(40, 1, 12, 12)
        torch.jit.save(torch.jit.trace(cls.model, cls.x), cls.file("model.pt"))
        cls.x.numpy().tofile(cls.file("x.f32"))
        cls.seen.numpy().tofile(cls.file("seen.f32"))
        cls.xloop("import", cls.file("model.pt"), "--input-shape", "1,12,12", "-o", cls.file("net"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def file(cls, name):
        return os.path.join(cls.folder.name, name)

    @classmethod
    def xloop(cls, *arguments):
        done = subprocess.run([os.environ["XLOOP_BINARY"], *arguments], capture_output=True, text=True, cwd=cls.folder.name)
        if done.returncode:
            raise AssertionError(f"xloop {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def network(self, model="model.pt", hardware=HARSH, settings=(), **options):
        return torch.classes.xloop.Network(self.file(model), hardware, list(settings), self.seen, input_shape=[1, 12, 12],
                                           **options)

    def test_logits_are_the_bits_of_xloop_infer(self):
        for engine, own in (("integer", "integer"), ("ideal", "ideal_chip"), ("chip", "chip")):
            for settings in ((), ("adc.range=calibrated", "adc.bits=6", "chip_seed=3", "numerics.weight_bits=5")):
                self.xloop("infer", self.file("net"), "--inputs", "x.f32", "--out", "y.f32", "--engine", engine,
                           "--calibrate", "seen.f32", "--hardware", HARSH, *(w for s in settings for w in ("-s", s)))
                with open(self.file("y.f32"), "rb") as results:
                    expected = torch.frombuffer(bytearray(results.read()), dtype=torch.float32).view(6, 4)
                for model in ("model.pt", "net"):
                    got = self.network(model, settings=settings, engine=own).forward(self.x)
                    self.assertTrue(torch.equal(got, expected), f"{engine} {settings} {model}")

    def test_integers_are_near_the_module(self):
        expected = self.model(self.x)
        got = on_chip(self.model, self.seen, HARSH, engine="integer").forward(self.x)
        torch.testing.assert_close(got, expected, rtol=0, atol=0.05 * expected.abs().max().item())

    def test_ranges_by_effective_weights_suit_the_network_that_the_arrays_realise(self):
        on = on_arrays(self.model, HARSH).train()
        on(self.seen)
        realised = copy.deepcopy(self.model)
        for layer in (0, 2, 5):
            realised[layer].weight.data = on[layer].arrays.effective_weight()
        expected = realised(self.x)

        def error(**options):
            return (on_chip(self.model, self.seen, HARSH, **options).forward(self.x) - expected).abs().mean().item()
        self.assertLess(error(effective_weights=True), 0.5 * error())

    def test_threads_and_batches_change_no_bit(self):
        network, threads = self.network(), self.network(threads=2)
        expected = network.forward(self.x)
        self.assertTrue(torch.equal(threads.forward(self.x), expected))
        self.assertTrue(torch.equal(network.forward(self.x[4:], first=4), expected[4:]))

    def test_torchscript_saves_and_loads_it(self):
        class OnChip(torch.nn.Module):
            def __init__(self, chip):
                super().__init__()
                self.chip = chip

            def forward(self, x):
                return self.chip.forward(x, 0).softmax(1)
        for settings, options in (((), {}), (("adc.range=calibrated",), {"recalibrate": True}), ((), {"engine": "ideal_chip"})):
            module = OnChip(self.network(settings=settings, **options))
            torch.jit.script(module).save(self.file("chip.pt"))
            self.assertTrue(torch.equal(torch.jit.load(self.file("chip.pt"))(self.x), module(self.x)))

    def test_figures_are_those_of_xloop_estimate(self):
        network = self.network()
        network.save(self.file("workload"))
        with open(self.file("study.yaml"), "w") as study:
            study.write(f"base: {HARSH}\nname: study\ncost_table: {ROOT}/configs/tech/generic_32nm.yaml\n"
                        "weights: {from: workload, workload: workload/workload.yaml}\ndata: {set: random}\n"
                        "simulation: {images: 1}\n")
        expected = json.loads(self.xloop("estimate", self.file("study.yaml"), "--json"))
        got = network.estimate(f"{ROOT}/configs/tech/generic_32nm.yaml")
        self.assertEqual((got["energy_j"], got["latency_s"], got["area_mm2"], got["edap"], got["interval_s"], got["contended"]),
                         (expected["alone"]["energy_j"], expected["latency_s"], expected["area_mm2"]["total"],
                          expected["edap_j_s_mm2"], expected["interval_s"], len(expected["contention"])))

    def test_a_workload_needs_no_calibration(self):
        network = self.network()
        network.save(self.file("workload"))
        again = torch.classes.xloop.Network(self.file("workload"), HARSH)
        self.assertTrue(torch.equal(again.forward(self.x), network.forward(self.x)))

    def test_errors_say_what_is_wrong(self):
        Network = torch.classes.xloop.Network
        self.network().save(self.file("workload"))
        for run, message in (
                (lambda: Network(self.file("absent")), "absent"),
                (lambda: Network(self.file("net"), HARSH), "a float network needs `calibration`"),
                (lambda: Network(self.file("model.pt"), HARSH, [], self.seen), "does not say the size of its input"),
                (lambda: self.network(engine="chp"), "did you mean `chip`"),
                (lambda: self.network(engine="integer", effective_weights=True), "effective_weights: is for chips"),
                (lambda: self.network("workload", effective_weights=True), "effective_weights is for float networks"),
                (lambda: self.network(ranges="all"), "ranges: expected one of max, percentile"),
                (lambda: self.network(settings=["noc.mesh_cols=1", "noc.mesh_rows=1", "tile.pes=1"]),
                 "reram_64x64_harsh.yaml: noc.mesh"),
                (lambda: self.network().forward(self.x[0]), r"images: expected images \[N, 1, 12, 12\] on the CPU, got \[1, 12, 12\]"),
                (lambda: self.network().forward(self.x * float("nan")), "images: expected finite values"),
                (lambda: self.network().estimate("no_table.yaml"), "no_table.yaml")):
            with self.assertRaisesRegex(RuntimeError, message):
                run()


class Process(unittest.TestCase):
    def test_there_is_one_libtorch(self):
        with open("/proc/self/maps") as maps:
            libraries = {line.split()[-1] for line in maps if "libtorch_cpu" in line or "libc10" in line}
        self.assertEqual(len(libraries), 2, libraries)

    def test_calls_leave_the_process_as_it_was(self):
        threads = torch.get_num_threads()
        torch.set_num_threads(threads + 2)
        torch.manual_seed(9)
        before = torch_state()
        model, x = small_network(), torch.rand(6, 1, 12, 12)
        torch.manual_seed(9)
        with torch.no_grad():
            on_arrays(model, HARSH).train()(x)
        on_chip(model, x, HARSH).forward(x)
        self.assertEqual(torch_state(), before)
        torch.set_num_threads(threads)


if __name__ == "__main__":
    before_loading = torch_state()
    load()
    assert torch_state() == before_loading, "loading the library changes LibTorch's state"
    unittest.main()

"""One process of bench/compute.mjs that trains with plain PyTorch on the CPU; speaks the protocol of compute-worker.ts.

`--describe` as the only argument: says as JSON which PyTorch and BLAS this is, and how fast its matrix products are on one thread.
"""

import json
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional

WARM_UP_STEPS = 10


def blas_library():
    """The library that PyTorch's matrix products call: MKL, which its own wheels hold, or a shared library of the system."""
    with open("/proc/self/maps") as maps:
        loaded = {line.split()[-1] for line in maps if re.search(r"/lib(openblas|blis|mkl_rt|atlas|cblas|blas)[^/]*\.so", line)}
    if loaded:
        return ", ".join(sorted(loaded))
    found = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    return found.group(1) if found else "not known"


def describe():
    torch.set_num_threads(1)
    size = 1024
    a, b = torch.rand(size, size), torch.rand(size, size)
    seconds = []
    for _ in range(4):
        begin = time.perf_counter()
        torch.mm(a, b)
        seconds.append(time.perf_counter() - begin)
    return {"version": torch.__version__, "blas": blas_library(), "gflops": 2 * size**3 / min(seconds) / 1e9}


if sys.argv[1] == "--describe":
    print(json.dumps(describe()))
    sys.exit()

task = json.loads(sys.argv[1])
model_task = task["model"]
architecture = model_task["architecture"]
height, width, channels = model_task["signature"]["imageShape"]
classes = model_task["signature"]["classes"]
batch_size = model_task["batchSize"]
normalisation = architecture["batchNorm"]
torch.set_num_threads(task["threads"])
torch.manual_seed(1)


def batch_norm(kind, size):
    if not normalisation:
        return nn.Identity()
    return kind(size, eps=normalisation["epsilon"], momentum=1 - normalisation["momentum"])


class FullyConnected(nn.Module):
    def __init__(self):
        super().__init__()
        units = [height * width * channels, *architecture["hidden"]]
        self.hidden = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in zip(units, units[1:]))
        self.norms = nn.ModuleList(batch_norm(nn.BatchNorm1d, size) for size in units[1:])
        self.logits = nn.Linear(units[-1], classes, bias=False)

    def forward(self, x):
        x = x.flatten(1)
        for layer, norm in zip(self.hidden, self.norms):
            x = functional.relu(norm(layer(x)), inplace=True)
        return self.logits(x)


class Convolution(nn.Module):
    """Padded as TensorFlow's 'same' is where the stride divides the extent: with the surplus at the bottom and the right."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        size = architecture["kernelSize"]
        self.surplus = stride > 1 and size % 2 == 1
        padding = 0 if self.surplus else size // 2
        self.kernel = nn.Conv2d(inputs, outputs, size, stride, padding, bias=False)
        self.norm = batch_norm(nn.BatchNorm2d, outputs)
        self.before, self.after = (size - stride) // 2, size - stride - (size - stride) // 2

    def forward(self, x):
        if self.surplus:
            x = functional.pad(x, (self.before, self.after, self.before, self.after))
        return self.norm(self.kernel(x))


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Convolution(channels, architecture["stem"], 1)
        layers, inputs = [], architecture["stem"]
        for group, outputs in enumerate(architecture["filters"]):
            for position in range(architecture["convolutionsPerGroup"]):
                layers.append(Convolution(inputs, outputs, 2 if group > 0 and position == 0 else 1))
                inputs = outputs
        self.layers = nn.ModuleList(layers)
        self.logits = nn.Linear(inputs, classes, bias=False)

    def forward(self, x):
        x = functional.relu(self.stem(x), inplace=True)
        if architecture["residual"]:
            for first, second in zip(self.layers[::2], self.layers[1::2]):
                y = second(functional.relu(first(x), inplace=True))
                x = functional.relu(y.add_(shortcut(x, y)), inplace=True)
        else:
            for layer in self.layers:
                x = functional.relu(layer(x), inplace=True)
        return self.logits(x.mean((2, 3)))


def shortcut(x, y):
    if x.shape == y.shape:
        return x
    stride = -(-x.shape[2] // y.shape[2])
    return functional.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))


convolutional = architecture["kind"] == "convolutional"
model = Convolutional() if convolutional else FullyConnected()
images = torch.randint(0, 256, (model_task["examples"], channels, height, width), dtype=torch.uint8)
if task["channels"] == "last":
    model = model.to(memory_format=torch.channels_last)
    images = images.to(memory_format=torch.channels_last)
if task["mode"] == "compile":
    model = torch.compile(model)
labels = torch.arange(model_task["examples"]) % classes
optimiser = torch.optim.SGD(model.parameters(), lr=model_task["learningRate"])
minibatches = [torch.randperm(len(images))[:batch_size] for _ in range(32)]


def backward(step):
    indices = minibatches[step % len(minibatches)]
    x = images[indices].to(torch.float32).div_(255)
    optimiser.zero_grad(set_to_none=True)
    z = model(x)
    y = labels[indices]
    loss = functional.cross_entropy(z, y)
    loss.backward()
    # The training stage keeps both.
    return loss.item(), (z.detach().argmax(1) == y).sum().item()


def train(step):
    backward(step)
    optimiser.step()


dimension = sum(parameter.numel() for parameter in model.parameters())
gradient_sum = torch.zeros(dimension)
direction_sum = torch.zeros(dimension)


def sample(step):
    """The sums in single precision, which is faster than the double precision of the pipeline."""
    backward(step)
    flat = torch.cat([parameter.grad.flatten() for parameter in model.parameters()])
    norm = flat.norm().item()
    gradient_sum.add_(flat)
    direction_sum.add_(flat, alpha=1 / norm)


def average_over(run, count):
    """Of one step, wall and processor time, in milliseconds."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    for step in range(count):
        run(step)
    return {
        "ms": 1000 * (time.perf_counter() - begin) / count,
        "cpuMs": 1000 * (time.process_time() - begin_cpu) / count,
    }


phases = {"train": train, "sample": sample}
counts = {}
for name, run in phases.items():
    average_over(run, WARM_UP_STEPS)
    counts[name] = max(1, round(1000 * task["seconds"] / average_over(run, WARM_UP_STEPS)["ms"]))
print("ready", flush=True)
for line in sys.stdin:
    name = line.strip()
    print(json.dumps(average_over(phases[name], counts[name])), flush=True)

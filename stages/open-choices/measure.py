import json

import torch
import vmfdag
from data import load
from network import build
from torch.nn import functional
from vmfdag.torch import GradientStatistics, sampling

params, at = vmfdag.params, vmfdag.coordinates
torch.set_num_threads(1)
(images, labels), _ = load(params.choices, params.examples)
network = build(params.choices, at.seed)
network.load_state_dict(torch.load(vmfdag.input("weights"), weights_only=True))


def loss(minibatch):
    return functional.cross_entropy(network(images[minibatch]), labels[minibatch])


def measured():
    """:returns: the statistics, or None where the training has diverged"""
    if not all(weight.isfinite().all() for weight in network.parameters()):
        return None
    generator = torch.Generator().manual_seed(10**6 * at.seed + at.epoch)
    minibatches = [torch.randperm(len(labels), generator=generator)[: params.batchSize] for _ in range(params.samples)]
    with sampling(network):
        found = GradientStatistics(network).measure(minibatches, loss, jackknife=params.jackknife, progress=vmfdag.progress)
    return {"kappa": found.kappa, "lower": found.kappa_lower, "upper": found.kappa_upper, "snr": found.snr, "normSnr": found.norm_snr}


with open(vmfdag.output("statistics"), "w") as file:
    json.dump(measured(), file)

import json

import torch
import vmfdag
from network import build, load_points
from vmfdag.torch import GradientStatistics

params = vmfdag.params
inputs, labels = load_points(vmfdag.input("points"))
model = build(params.model.hidden)
model.load_state_dict(torch.load(vmfdag.input("checkpoint"), weights_only=True)["model"])


def loss(batch):
    return torch.nn.functional.cross_entropy(model(inputs[batch]), labels[batch])


statistics = GradientStatistics(model)
batches = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0)).split(params.batch)
statistics.measure(list(batches), loss, progress=vmfdag.progress)
with torch.no_grad():
    whole = loss(torch.arange(len(labels))).item()
with open(vmfdag.output("statistics"), "w") as file:
    json.dump({"loss": whole, "kappa": statistics.kappa(), "snr": statistics.snr(), "normSnr": statistics.norm_snr()}, file)

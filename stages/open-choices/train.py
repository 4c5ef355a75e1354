import json
import math

import torch
import vmfdag
from data import load
from network import build
from torch.nn import functional

params, at = vmfdag.params, vmfdag.coordinates
choices = params.choices
torch.set_num_threads(1)
(images, labels), (test_images, test_labels) = load(choices, params.examples)
network = build(choices, at.seed)
network.load_state_dict(torch.load(vmfdag.input("weights"), weights_only=True))
optimizer = torch.optim.SGD(network.parameters(), lr=params.learningRate)

# An epoch has its own order, whatever ran before it.
order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(1000 * at.seed + at.epoch))
minibatches = [part for part in order.split(params.batchSize) if choices.lastMinibatch == "kept" or len(part) == params.batchSize]
total = 0.0
for step, minibatch in enumerate(minibatches):
    optimizer.zero_grad()
    loss = functional.cross_entropy(network(images[minibatch]), labels[minibatch], reduction=choices.loss)
    loss.backward()
    optimizer.step()
    mean = loss.item() / (len(minibatch) if choices.loss == "sum" else 1)
    total += mean
    vmfdag.metric("loss", mean, step=step)
    vmfdag.progress((step + 1) / len(minibatches))

with torch.no_grad():
    parts = zip(test_images.split(500), test_labels.split(500))
    right = sum((network(pixels).argmax(dim=1) == expected).sum().item() for pixels, expected in parts)
torch.save(network.state_dict(), vmfdag.output("weights"))
with open(vmfdag.output("metrics"), "w") as file:
    # JSON has no NaN: a training that has diverged has no loss.
    json.dump({"trainingLoss": total / len(minibatches) if math.isfinite(total) else None, "validationAccuracy": right / len(test_labels)}, file)

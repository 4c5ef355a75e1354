import json

import torch
import vmfdag
from network import build, load_points

params, at = vmfdag.params, vmfdag.coordinates
inputs, labels = load_points(vmfdag.input("points"))
checkpoint = torch.load(vmfdag.input("checkpoint"), weights_only=True)
model = build(params.model.hidden)
model.load_state_dict(checkpoint["model"])
optimizer = torch.optim.SGD(model.parameters(), lr=params.rate, momentum=0.9)
if "optimizer" in checkpoint:
    optimizer.load_state_dict(checkpoint["optimizer"])

# An epoch has its own order, whatever ran before it.
order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(1000 * at.seed + at.epoch))
batches = order.split(params.batch)
total = 0.0
for step, batch in enumerate(batches):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(inputs[batch]), labels[batch])
    loss.backward()
    optimizer.step()
    total += loss.item()
    vmfdag.metric("loss", loss.item(), step=step)
    vmfdag.progress((step + 1) / len(batches))

torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, vmfdag.output("checkpoint"))
with open(vmfdag.output("loss"), "w") as file:
    json.dump({"loss": total / len(batches)}, file)

import torch
import vmfdag
from network import build

torch.manual_seed(vmfdag.coordinates.seed)
model = build(vmfdag.params.model.hidden)
torch.save({"model": model.state_dict()}, vmfdag.output("checkpoint"))

import torch
import vmfdag
from network import build

torch.save(build(vmfdag.params.choices, vmfdag.coordinates.seed).state_dict(), vmfdag.output("weights"))

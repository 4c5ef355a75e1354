import torch
import vmfdag

generator = torch.Generator().manual_seed(7)
count = vmfdag.params.examples
labels = torch.arange(count) % 2
angles = 3 * torch.pi * torch.rand(count, generator=generator).sqrt()
turned = angles + torch.pi * labels
inputs = torch.stack([turned.cos(), turned.sin()], dim=1) * (angles / 3 / torch.pi).unsqueeze(1)
inputs += 0.02 * torch.randn(count, 2, generator=generator)
torch.save({"inputs": inputs, "labels": labels}, vmfdag.output("points"))

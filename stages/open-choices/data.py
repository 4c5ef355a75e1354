"""The images of CIFAR-10 as the network takes them."""

import torch
import vmfdag

#: Training examples that are held out for validation where the test set is not used for it (as in He et al. 2016).
HELD_OUT = 5000


def split_of(name: str, examples):
    """:returns: pixels in [0, 1], float32 [n, 3, 32, 32] with the channels last in memory, and labels [n]"""
    tensors = vmfdag.load(name, "safetensors")
    pixels = torch.from_numpy(tensors["images"][:examples]).permute(0, 3, 1, 2).float().div_(255)
    return pixels.contiguous(memory_format=torch.channels_last), torch.from_numpy(tensors["labels"][:examples]).long()


def load(choices, examples):
    """:returns: training and validation examples, each pixels and labels"""
    training, validation = split_of("train", examples), split_of("test", None)
    if choices.validation == "held out":
        validation = tuple(tensor[-HELD_OUT:] for tensor in training)
        training = tuple(tensor[:-HELD_OUT] for tensor in training)
    if choices.pixels == "centred":
        mean = training[0].mean(dim=0)
        training, validation = ((pixels - mean, labels) for pixels, labels in (training, validation))
    return training, validation

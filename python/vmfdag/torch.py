"""The directional statistics of the minibatch gradients of a PyTorch model.

They are those of the stages ``sample`` and ``estimate``: :class:`GradientStatistics` keeps the streaming sums that ``sample`` keeps, and writes
the file that ``estimate`` reads.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence, Union

import torch

from ._sums import ConsecutiveCosines, Gradient, GradientSums, check_norm, double_of, norm_of
from ._write_samples import write_samples
from .statistics import DirectionalSamples, DirectionalStatistics, GradientNoise, directional_statistics, effective_dimension, gradient_noise

__all__ = ["ALL", "GradientStatistics", "sampling"]

#: The group of all trainable parameters. It is always there.
ALL = "all"

#: How parameters are grouped: each on its own, by a function of the name, or by the names of a group's parameters.
Groups = Union[None, str, Callable[[str], Union[str, None]], Mapping[str, Iterable[str]]]

#: Computing a gradient a second time gives another rounding, and no more than this (relative, of the norm).
SAME_GRADIENT = 1e-3


class GradientStatistics:
    """Streaming statistics of minibatch gradients ĝ_i at fixed weights.

    Call :meth:`take` after each ``backward()``, or do it inside ``with statistics.minibatch():``, or let :meth:`attach` take the gradient at
    each step of an optimizer. One gradient is kept, for its product with the next: the memory is three float64 vectors of d, two more for groups,
    and one while a gradient is taken.

    The interval needs ⟨x_i, S⟩ with the finished S = Σ x_i. So the first k gradients are computed a second time, inside
    ``with statistics.jackknife():`` (docs/decisions/2026-11-24-jackknife-computes-gradients-twice.md). :meth:`measure` does all of it.

    :param model: its parameters that require gradients, d of them, when this is called
    :param groups: parts of the model to measure in addition to the whole: ``"parameter"`` for each parameter, a function from a parameter's
        name to its group (or None), or a mapping from groups to names of parameters or modules
    :param batch_size: m, the number of examples in each minibatch. The noise scale and the coherence need it
    """

    def __init__(self, model: torch.nn.Module, groups: Groups = None, *, batch_size: int | None = None) -> None:
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}. Give the number of examples in a minibatch, or None.")
        self._parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        if not self._parameters:
            raise ValueError("no parameter of the model requires a gradient. Call model.requires_grad_() first.")
        members = {ALL: list(self._parameters), **_members_of(groups, list(self._parameters))}
        self._sums = {group: GradientSums([self._parameters[name] for name in names]) for group, names in members.items()}
        self._members = members
        self._batch_size = batch_size
        self._cosines = ConsecutiveCosines()
        self._jackknifed: int | None = None

    # Taking gradients.

    def take(self, scale: float = 1.0) -> None:
        """Takes in the gradients that ``backward()`` left in the parameters, and leaves them there.

        :param scale: what the loss was multiplied by, as a GradScaler does
        :raises ValueError: for a gradient that is zero or not finite; nothing is taken then
        """
        gradients = self._gradients()
        if self._jackknifed is not None:
            self._take_second(gradients, scale)
            return
        measured = {group: self._measure(gradients, group, self.count) for group in self._sums}
        for group, (tensors, norm) in measured.items():
            self._sums[group].add(tensors, norm, scale)
        self._cosines.add(*measured[ALL])

    @contextlib.contextmanager
    def minibatch(self, scale: float = 1.0) -> Iterator[None]:
        """Clears the gradients, and takes them at the end. Call ``backward()`` inside, as often as the minibatch has parts."""
        self._clear()
        yield
        self.take(scale)
        self._clear()

    def attach(self, optimizer: torch.optim.Optimizer) -> Any:
        """Takes the gradient right before each step of the optimizer. ``remove()`` of the returned handle ends it."""
        register = getattr(optimizer, "register_step_pre_hook", None)
        if register is None:
            raise RuntimeError(f"PyTorch {torch.__version__} has no hooks before a step. Call take() after backward(), or install PyTorch 2.")
        return register(lambda *_: self.take())

    @contextlib.contextmanager
    def jackknife(self) -> Iterator[None]:
        """Inside, gradients are those of the first minibatches, in the same order, computed a second time for the intervals."""
        if self.count == 0:
            raise ValueError("the jackknife comes after the first pass, and no gradient was taken. Call take() for each minibatch first.")
        for sums in self._sums.values():
            sums.products = []
        self._jackknifed = 0
        try:
            yield
        finally:
            self._jackknifed = None

    def measure(
        self,
        minibatches: Sequence[Any],
        loss: Callable[[Any], torch.Tensor],
        *,
        jackknife: int = 0,
        progress: Callable[[float], object] | None = None,
    ) -> DirectionalStatistics:
        """The statistics over minibatches at the present weights.

        :param minibatches: what ``loss`` takes, a list of index tensors for example. Those of the jackknife are used twice
        :param loss: the mean loss of one minibatch
        :param jackknife: k, how many minibatches the jackknife leaves out in turn
        :param progress: ``vmfdag.progress``, for example
        """
        if not 0 <= jackknife <= len(minibatches):
            raise ValueError(f"jackknife is {jackknife}, and there are {len(minibatches)} minibatches. Give at most as many.")
        total = len(minibatches) + jackknife
        done = 0
        for count, context in ((len(minibatches), contextlib.nullcontext()), (jackknife, self.jackknife() if jackknife else contextlib.nullcontext())):
            with context:
                for index in range(count):
                    with self.minibatch():
                        loss(minibatches[index]).backward()
                    done += 1
                    if progress is not None:
                        progress(done / total)
        return self.statistics()

    # Results.

    @property
    def groups(self) -> list[str]:
        """The whole model, ``"all"``, first."""
        return list(self._sums)

    @property
    def count(self) -> int:
        """n, how many gradients were taken."""
        return len(self._sums[ALL].norms)

    def samples(self, group: str = ALL) -> DirectionalSamples:
        """The sums so far (stages/sample.ts, the output ``samples``)."""
        return self._of(group).samples()

    def statistics(self, group: str = ALL) -> DirectionalStatistics:
        """All statistics (src/sgd/statistics/statistics.ts, directionalStatistics)."""
        return directional_statistics(self.samples(group))

    def kappa(self, group: str = ALL) -> float | None:
        """κ̂ = r̄ (d − r̄²) / (1 − r̄²), r̄ = ‖Σ x_i‖ / n (Banerjee et al. 2005, eq. 4.4); None where r̄ = 1."""
        return self.statistics(group).kappa

    def kappa_interval(self, group: str = ALL) -> tuple[float | None, float | None]:
        """κ̂ at the ends of the 95 % interval of r̄ by the delete-one jackknife (Efron 1982, ch. 3); None without a second pass."""
        statistics = self.statistics(group)
        return statistics.kappa_lower, statistics.kappa_upper

    def snr(self, group: str = ALL) -> float | None:
        """SNR = ‖E ∇f‖ / √tr Cov ∇f, of the sample's mean and unbiased covariance."""
        return self.statistics(group).snr

    def norm_snr(self, group: str = ALL) -> float | None:
        """normSNR = E‖∇f‖ / √Var‖∇f‖, of the sample's mean and unbiased variance."""
        return self.statistics(group).norm_snr

    def noise_floor(self, group: str = ALL) -> float | None:
        """κ̂ at r̄ = 1/√n, its value for directions without any preference."""
        return self.statistics(group).noise_floor

    def noise(self, group: str = ALL) -> GradientNoise:
        """Noise scale, ‖g‖²/tr(Σ) and m-coherence (src/sgd/statistics/gradient-noise.ts); None of them without ``batch_size``."""
        return gradient_noise(self.samples(group), self._batch_size)

    def effective_dimension(self) -> float | None:
        """1/E⟨x, x′⟩² of whole gradients, from consecutive ones; None for less than two."""
        return effective_dimension(self._cosines.values)

    def write(self, path: str | os.PathLike[str], group: str = ALL) -> None:
        """Writes the safetensors file that the stage ``estimate`` reads as ``samples``. That of ``"all"`` holds the groups too."""
        if group != ALL:
            write_samples(Path(path), self.samples(group), batch_size=self._batch_size)
            return
        groups = {name: self.samples(name) for name in self._sums if name != ALL}
        write_samples(Path(path), self.samples(), batch_size=self._batch_size, cosines=self._cosines.values, groups=groups)

    # Inside.

    def _of(self, group: str) -> GradientSums:
        try:
            return self._sums[group]
        except KeyError:
            raise KeyError(f"there is no group {group!r}; there are {', '.join(map(repr, self._sums))}") from None

    def _measure(self, gradients: Mapping[str, Gradient], group: str, index: int) -> tuple[list[Gradient], float]:
        tensors = [gradients[name] for name in self._members[group]]
        norm = norm_of(tensors)
        check_norm(norm, index, None if group == ALL else group)
        return tensors, norm

    def _gradients(self) -> dict[str, Gradient]:
        gradients = {name: p.grad for name, p in self._parameters.items()}
        if all(gradient is None for gradient in gradients.values()):
            raise ValueError("no parameter has a gradient. Call backward() before take(), and take() before zero_grad().")
        return {name: double_of(gradient) for name, gradient in gradients.items()}

    def _take_second(self, gradients: Mapping[str, Gradient], scale: float) -> None:
        index = self._jackknifed or 0
        if index >= self.count:
            raise ValueError(f"the jackknife has a gradient too many: the first pass took {self.count}. Compute the same minibatches, from the first on.")
        products = {}
        for group, sums in self._sums.items():
            tensors, norm = self._measure(gradients, group, index)
            length, first = norm / abs(scale), sums.norms[index]
            if abs(length - first) > SAME_GRADIENT * first:
                raise ValueError(
                    f"the gradient of minibatch {index} (counted from 0) has norm {length:.6g} in the second pass, and had {first:.6g} in the first. "
                    "Compute the same minibatches in the same order at the same weights, without dropout or random augmentation."
                )
            products[group] = sums.product(tensors) / norm
        for group, product in products.items():
            self._sums[group].products.append(product)
        self._jackknifed = index + 1

    def _clear(self) -> None:
        for parameter in self._parameters.values():
            parameter.grad = None


@contextlib.contextmanager
def sampling(model: torch.nn.Module) -> Iterator[None]:
    """Puts the model into training mode, and brings its mode and its buffers back at the end.

    Batch normalisation then uses the statistics of the minibatch, as in training, and its running statistics stay what they were.
    """
    modes = {module: module.training for module in model.modules()}
    buffers = {name: buffer.detach().clone() for name, buffer in model.named_buffers()}
    model.train()
    try:
        yield
    finally:
        with torch.no_grad():
            for name, buffer in model.named_buffers():
                if name in buffers:
                    buffer.copy_(buffers[name])
        for module, mode in modes.items():
            module.training = mode


def _members_of(groups: Groups, names: list[str]) -> dict[str, list[str]]:
    if groups is None:
        return {}
    members: dict[str, list[str]] = {}
    if isinstance(groups, str):
        if groups != "parameter":
            raise ValueError(f'groups is {groups!r}. Give "parameter", a function of a name, or a mapping of groups to names.')
        members = {name: [name] for name in names}
    elif callable(groups):
        for name in names:
            group = groups(name)
            if group is not None:
                members.setdefault(group, []).append(name)
    else:
        for group, wanted in groups.items():
            chosen = set()
            for each in wanted:
                found = [name for name in names if name == each or name.startswith(f"{each}.")]
                if not found:
                    raise ValueError(f"group {group!r}: no trainable parameter is {each!r} or below it. There are {', '.join(names)}.")
                chosen.update(found)
            members[group] = [name for name in names if name in chosen]
    if ALL in members:
        raise ValueError(f"a group cannot be called {ALL!r}: that is the whole model. Choose another name.")
    return members

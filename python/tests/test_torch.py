from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
numpy = pytest.importorskip("numpy")

from vmfdag._formats import load_file  # noqa: E402
from vmfdag.concentration import banerjee_concentration  # noqa: E402
from vmfdag.torch import ALL, GradientStatistics, sampling  # noqa: E402


class Network(torch.nn.Module):
    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.first = torch.nn.Linear(6, 5)
        self.norm = torch.nn.BatchNorm1d(5)
        self.dropout = torch.nn.Dropout(dropout)
        self.last = torch.nn.Linear(5, 3)

    def forward(self, x):
        return self.last(self.dropout(torch.relu(self.norm(self.first(x)))))


def network(dropout: float = 0.0) -> Network:
    torch.manual_seed(1)
    return Network(dropout)


def minibatches(count: int = 12):
    torch.manual_seed(2)
    return [(torch.randn(8, 6), torch.randint(0, 3, (8,))) for _ in range(count)]


def loss_of(model):
    return lambda batch: torch.nn.functional.cross_entropy(model(batch[0]), batch[1])


def kept_gradients(model, batches, names):
    """All gradients, in float64."""
    rows = []
    for batch in batches:
        model.zero_grad()
        loss_of(model)(batch).backward()
        rows.append(numpy.concatenate([model.get_parameter(name).grad.double().numpy().ravel() for name in names]))
    model.zero_grad()
    return numpy.array(rows)


def by_definition(gradients):
    count, dimension = gradients.shape
    norms = numpy.linalg.norm(gradients, axis=1)
    directions = gradients / norms[:, None]
    r = numpy.linalg.norm(directions.sum(0)) / count
    without = [numpy.linalg.norm(numpy.delete(directions, i, 0).sum(0)) / (count - 1) for i in range(count)]
    margin = 1.959963984540054 * math.sqrt((count - 1) ** 2 / count * numpy.var(without, ddof=1))
    return {
        "kappa": r * (dimension - r * r) / (1 - r * r),
        "snr": numpy.linalg.norm(gradients.mean(0)) / math.sqrt(numpy.var(gradients, axis=0, ddof=1).sum()),
        "norm_snr": norms.mean() / norms.std(ddof=1),
        "noise_floor": banerjee_concentration(dimension, 1 / math.sqrt(count)),
        "interval": (banerjee_concentration(dimension, r - margin), banerjee_concentration(dimension, r + margin)),
    }


def assert_statistics(statistics, group, expected):
    assert statistics.kappa(group) == pytest.approx(expected["kappa"], rel=1e-12)
    assert statistics.snr(group) == pytest.approx(expected["snr"], rel=1e-12)
    assert statistics.norm_snr(group) == pytest.approx(expected["norm_snr"], rel=1e-12)
    assert statistics.noise_floor(group) == pytest.approx(expected["noise_floor"], rel=1e-12)
    assert statistics.kappa_interval(group) == pytest.approx(expected["interval"], rel=1e-9)


def test_the_statistics_are_those_of_gradients_that_are_kept():
    model, batches = network(), minibatches()
    names = [name for name, _ in model.named_parameters()]
    groups = {"layers": ["first", "last"], "norm": ["norm.weight", "norm.bias"]}
    statistics = GradientStatistics(model, groups)
    statistics.measure(batches, loss_of(model), jackknife=len(batches))
    assert statistics.groups == [ALL, "layers", "norm"] and statistics.count == 12
    assert_statistics(statistics, ALL, by_definition(kept_gradients(model, batches, names)))
    assert_statistics(statistics, "norm", by_definition(kept_gradients(model, batches, ["norm.weight", "norm.bias"])))
    layers = ["first.weight", "first.bias", "last.weight", "last.bias"]
    # The bias before batch normalisation has no gradient except for rounding, which the group's sums keep as they are.
    assert_statistics(statistics, "layers", by_definition(kept_gradients(model, batches, layers)))


def test_noise_and_consecutive_cosines_are_those_of_gradients_that_are_kept():
    model, batches = network(), minibatches()
    statistics = GradientStatistics(model, batch_size=8)
    statistics.measure(batches, loss_of(model))
    gradients = kept_gradients(model, batches, [name for name, _ in model.named_parameters()])
    products = gradients @ gradients.T
    signal = (products.sum() - products.trace()) / (12 * 11)
    trace = 8 * numpy.var(gradients, axis=0, ddof=1).sum()
    assert statistics.noise().noise_scale == pytest.approx(trace / signal, rel=1e-12)
    assert statistics.noise().m_coherence == pytest.approx(8 * products.trace() / 12 / (signal + trace), rel=1e-12)
    x = gradients / numpy.linalg.norm(gradients, axis=1)[:, None]
    assert statistics.effective_dimension() == pytest.approx(1 / numpy.mean((x[1:] * x[:-1]).sum(1) ** 2), rel=1e-12)
    with pytest.raises(ValueError, match="batch_size is 0"):
        GradientStatistics(model, batch_size=0)


def test_known_gradients_have_the_values_of_a_closed_form():
    # Gradients (1, 0, 0), (0, 2, 0), (0, 3, 0): r̄ = √5/3, ‖ḡ‖ = √26/3, tr Cov = (14 − 26/3)/2.
    model = torch.nn.Linear(3, 1, bias=False)
    statistics = GradientStatistics(model)
    for gradient in ([1.0, 0, 0], [0, 2.0, 0], [0, 3.0, 0]):
        model.weight.grad = torch.tensor([gradient])
        statistics.take()
    r = math.sqrt(5) / 3
    assert statistics.kappa() == pytest.approx(r * (3 - r * r) / (1 - r * r), rel=1e-14)
    assert statistics.snr() == pytest.approx(math.sqrt(26) / 3 / math.sqrt(8 / 3), rel=1e-14)
    assert statistics.norm_snr() == pytest.approx(2.0, rel=1e-14)
    assert statistics.kappa_interval() == (None, None)


def test_take_minibatch_and_a_hook_of_the_optimizer_take_the_same():
    batches, found = minibatches(), []
    for way in ("take", "minibatch", "attach"):
        model = network()
        statistics = GradientStatistics(model, "parameter")
        # A step of length zero: the weights stay, so that all ways see the same gradients.
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        if way == "attach":
            if not hasattr(optimizer, "register_step_pre_hook"):
                pytest.skip("this PyTorch has no hooks before a step")
            handle = statistics.attach(optimizer)
        for batch in batches:
            optimizer.zero_grad()
            if way == "minibatch":
                with statistics.minibatch():
                    loss_of(model)(batch).backward()
            else:
                loss_of(model)(batch).backward()
                if way == "take":
                    statistics.take()
                optimizer.step()
        if way == "attach":
            handle.remove()
            optimizer.step()
        found.append([statistics.statistics(group) for group in statistics.groups])
    assert found[0] == found[1] == found[2]


def test_a_scaled_loss_gives_the_same_statistics():
    model, batches = network(), minibatches()
    plain, scaled = GradientStatistics(model), GradientStatistics(model)
    for batch in batches:
        with plain.minibatch():
            loss_of(model)(batch).backward()
        with scaled.minibatch(scale=1024.0):
            (1024 * loss_of(model)(batch)).backward()
    with scaled.jackknife():
        for batch in batches[:4]:
            with scaled.minibatch(scale=2048.0):
                (2048 * loss_of(model)(batch)).backward()
    assert scaled.statistics().mean_norm == pytest.approx(plain.statistics().mean_norm, rel=1e-12)
    assert scaled.snr() == pytest.approx(plain.snr(), rel=1e-12) and scaled.statistics().jackknife_samples == 4


def test_frozen_parameters_do_not_count_and_unused_ones_have_a_zero_gradient():
    model = network()
    model.last.bias.requires_grad_(False)
    model.unused = torch.nn.Parameter(torch.ones(7))
    statistics = GradientStatistics(model)
    with statistics.minibatch():
        loss_of(model)(minibatches()[0]).backward()
    assert statistics.samples().dimension == sum(p.numel() for p in model.parameters()) - 3


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.complex64])
def test_gradients_of_other_types_are_summed_in_float64(dtype):
    parameter = torch.nn.Parameter(torch.ones(4, dtype=dtype))
    model = torch.nn.ParameterList([parameter])
    statistics = GradientStatistics(model)
    parameter.grad = torch.tensor([3, 4, 0, 0], dtype=dtype)
    statistics.take()
    assert statistics.samples().norms == (5.0,)
    assert statistics.samples().dimension == (8 if dtype.is_complex else 4)


def test_sparse_gradients_are_summed():
    model = torch.nn.Embedding(10, 3, sparse=True)
    statistics = GradientStatistics(model)
    with statistics.minibatch():
        model(torch.tensor([1, 1, 4])).sum().backward()
    assert statistics.samples().norms == pytest.approx([math.sqrt(3 * 4 + 3)])


@pytest.mark.parametrize("values, fact", [([0.0, 0.0], "is zero"), ([math.nan, 1.0], "is not finite"), ([math.inf, 1.0], "is not finite")])
def test_a_gradient_without_direction_is_refused_and_not_taken(values, fact):
    model = torch.nn.Linear(2, 1, bias=False)
    statistics = GradientStatistics(model, "parameter")
    for gradient in ([1.0, 2.0], values):
        model.weight.grad = torch.tensor([gradient])
        if gradient is values:
            with pytest.raises(ValueError, match=f"minibatch 1 .*{fact}"):
                statistics.take()
        else:
            statistics.take()
    assert statistics.count == 1 and statistics.samples().resultant == pytest.approx(1.0, rel=1e-15)


def test_other_gradients_in_the_second_pass_are_refused():
    model = network(dropout=0.5)
    with pytest.raises(ValueError, match="has norm .* in the second pass.*without dropout"):
        GradientStatistics(model).measure(minibatches(), loss_of(model), jackknife=3)
    model = network()
    statistics = GradientStatistics(model)
    with pytest.raises(ValueError, match="after the first pass"), statistics.jackknife():
        pass
    with pytest.raises(ValueError, match="backward\\(\\) before take"):
        statistics.take()
    with pytest.raises(ValueError, match="jackknife is 13"):
        statistics.measure(minibatches(12), loss_of(model), jackknife=13)


@pytest.mark.parametrize(
    "groups, fact", [("layer", 'Give "parameter"'), ({"a": ["firs"]}, "no trainable parameter is 'firs'"), ({"all": ["first"]}, "cannot be called 'all'")]
)
def test_groups_that_do_not_exist_are_refused(groups, fact):
    with pytest.raises(ValueError, match=fact):
        GradientStatistics(network(), groups)


def test_a_function_groups_parameters_and_an_unknown_group_is_named():
    statistics = GradientStatistics(network(), lambda name: None if name.startswith("norm") else name.split(".")[0])
    assert statistics.groups == [ALL, "first", "last"]
    with pytest.raises(KeyError, match=re.escape("no group 'norm'; there are 'all', 'first', 'last'")):
        statistics.samples("norm")


def test_progress_is_reported_over_both_passes():
    seen: list[float] = []
    model = network()
    GradientStatistics(model).measure(minibatches(4), loss_of(model), jackknife=2, progress=seen.append)
    assert seen == [i / 6 for i in range(1, 7)]


def test_sampling_leaves_the_model_as_it_was():
    model = network().eval()
    model.first.train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with sampling(model):
        assert all(module.training for module in model.modules())
        model(minibatches()[0][0])
        assert not torch.equal(model.norm.running_mean, before["norm.running_mean"])
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.first.training and not model.norm.training and not model.training


def test_the_file_of_the_whole_model_holds_its_groups(tmp_path: Path):
    model, batches = network(), minibatches()
    statistics = GradientStatistics(model, {"norm": ["norm"]}, batch_size=8)
    statistics.measure(batches, loss_of(model))
    statistics.write(tmp_path / "all.safetensors")
    statistics.write(tmp_path / "norm.safetensors", "norm")
    whole, alone = load_file(tmp_path / "all.safetensors"), load_file(tmp_path / "norm.safetensors")
    assert whole["batchSize"] == alone["batchSize"] == 8
    for quantity in ("norms", "resultant", "meanGradientNorm", "dimension"):
        assert (whole[f"groups/norm/{quantity}"] == alone[quantity]).all()
    assert whole["groups/norm/directions"] == 12
    assert not any(name.startswith("groups/") for name in alone)


def test_the_file_is_what_estimate_reads(tmp_path: Path):
    model, batches = network(), minibatches()
    statistics = GradientStatistics(model)
    statistics.measure(batches, loss_of(model), jackknife=3)
    statistics.write(tmp_path / "samples.safetensors")
    found = load_file(tmp_path / "samples.safetensors")
    samples = statistics.samples()
    assert {name: (array.dtype.name, array.shape) for name, array in found.items()} == {
        "norms": ("float64", (12,)),
        "resultant": ("float64", (1,)),
        "meanGradientNorm": ("float64", (1,)),
        "jackknifeProducts": ("float64", (3,)),
        "dimension": ("int32", (1,)),
        "consecutiveCosines": ("float64", (11,)),
    }
    assert tuple(found["norms"]) == samples.norms and found["dimension"][0] == samples.dimension
    assert [each.name for each in tmp_path.iterdir()] == ["samples.safetensors"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU of CUDA")
def test_sums_on_a_gpu_are_those_on_the_cpu():
    batches, found = minibatches(), []
    for device in ("cpu", "cuda"):
        model = network().double().to(device)
        moved = [(x.double().to(device), y.to(device)) for x, y in batches]
        found.append(GradientStatistics(model).measure(moved, loss_of(model), jackknife=5))
    assert found[1].kappa == pytest.approx(found[0].kappa, rel=1e-9) and found[1].snr == pytest.approx(found[0].snr, rel=1e-9)

"""Draws the losses. It needs matplotlib."""
import csv
import json
import os
import sys

try:
    import matplotlib
except ImportError:
    sys.exit("this stage needs matplotlib: pip install matplotlib")
matplotlib.use("svg")
# The same bytes each time: without a date, and with names of parts that are not random.
matplotlib.rcParams["svg.hashsalt"] = "losses"
from matplotlib import pyplot

with open(os.environ["VMFDAG_PARAMS"]) as file:
    run = json.load(file)

losses = {}
with open(run["inputs"]["table"], newline="") as file:
    for row in csv.DictReader(file):
        losses.setdefault(row["seed"], []).append((int(row["epoch"]), float(row["loss"])))

figure, axes = pyplot.subplots()
for seed, points in losses.items():
    axes.plot(*zip(*points), label=f"seed {seed}")
axes.set(xlabel="epoch", ylabel="mean squared error", yscale="log")
axes.legend()
figure.savefig(run["outputs"]["figure"], format="svg", metadata={"Date": None})

import csv

import matplotlib
import vmfdag

matplotlib.use("svg")
# The same bytes each time: without a date, and with names of parts that are not random.
matplotlib.rcParams["svg.hashsalt"] = "concentration"
from matplotlib import pyplot

curves = {}
with open(vmfdag.input("table"), newline="") as file:
    for row in csv.DictReader(file):
        curves.setdefault(row["seed"], []).append((int(row["epoch"]), float(row["kappa"])))
figure, axes = pyplot.subplots()
for seed, curve in curves.items():
    axes.plot(*zip(*curve), marker="o", label=f"seed {seed}")
axes.set(xlabel="epoch", ylabel="concentration", yscale="log")
axes.legend()
figure.savefig(vmfdag.output("figure"), format="svg", metadata={"Date": None})

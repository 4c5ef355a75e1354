"""One epoch of gradient descent on the mean squared error."""
import csv
import json
import os

with open(os.environ["VMFDAG_PARAMS"]) as file:
    run = json.load(file)
with open(run["inputs"]["points"], newline="") as file:
    points = [(float(x), float(y)) for x, y in csv.reader(file)]
with open(run["inputs"]["weights"]) as file:
    weights = json.load(file)

rate = run["params"]["rate"]
errors = [(weights["slope"] * x + weights["offset"] - y, x) for x, y in points]
weights["slope"] -= rate * 2 * sum(error * x for error, x in errors) / len(points)
weights["offset"] -= rate * 2 * sum(error for error, _ in errors) / len(points)

with open(run["outputs"]["weights"], "w") as file:
    json.dump(weights, file)

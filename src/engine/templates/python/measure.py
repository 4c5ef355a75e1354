"""The mean squared error on points that were not trained on."""
import csv
import json
import os

with open(os.environ["VMFDAG_PARAMS"]) as file:
    run = json.load(file)
with open(run["inputs"]["points"], newline="") as file:
    points = [(float(x), float(y)) for x, y in csv.reader(file)]
with open(run["inputs"]["weights"]) as file:
    weights = json.load(file)

errors = [weights["slope"] * x + weights["offset"] - y for x, y in points]
with open(run["outputs"]["loss"], "w") as file:
    json.dump({"loss": sum(error * error for error in errors) / len(errors)}, file)

"""Draws points around the line y = 3 x - 1."""
import csv
import json
import os
import random

with open(os.environ["VMFDAG_PARAMS"]) as file:
    run = json.load(file)

draws = random.Random(run["coordinates"]["seed"])
for name in ("train", "test"):
    with open(run["outputs"][name], "w", newline="") as file:
        rows = csv.writer(file)
        for _ in range(run["params"]["points"]):
            x = draws.uniform(-1, 1)
            rows.writerow([x, 3 * x - 1 + draws.gauss(0, 0.5)])

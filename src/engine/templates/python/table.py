"""Gathers the losses of all seeds and epochs."""
import csv
import json
import os
from statistics import mean, stdev

with open(os.environ["VMFDAG_PARAMS"]) as file:
    run = json.load(file)

losses = {}
with open(run["outputs"]["table"], "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["seed", "epoch", "loss"])
    for item in run["inputs"]["losses"]:
        seed, epoch = item["coordinates"]["seed"], item["coordinates"]["epoch"]
        with open(item["path"]) as measured:
            loss = json.load(measured)["loss"]
        rows.writerow([seed, epoch, loss])
        losses.setdefault(epoch, []).append(loss)

with open(run["outputs"]["summary"], "w") as file:
    print("| epoch | loss |", "|---|---|", sep="\n", file=file)
    for epoch, values in losses.items():
        spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
        print(f"| {epoch} | {mean(values):.3f}{spread} |", file=file)

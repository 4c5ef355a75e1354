import csv
import json

import vmfdag

with open(vmfdag.output("table"), "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["seed", "epoch", "loss", "kappa", "snr", "normSnr"])
    for at, path in vmfdag.inputs("statistics"):
        with open(path) as measured:
            found = json.load(measured)
        rows.writerow([at["seed"], at["epoch"], found["loss"], found["kappa"], found["snr"], found["normSnr"]])

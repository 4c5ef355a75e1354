import csv
import json

import vmfdag


def values(name):
    """:returns: for each choice and seed, what was found at each epoch"""
    found = {}
    for at, path in vmfdag.inputs(name):
        with open(path) as file:
            found.setdefault((at["choice"], at["seed"]), {})[at["epoch"]] = json.load(file)
    return found


def number(value, form):
    return "diverged" if value is None else format(value, form)


rows = []
statistics = values("statistics")
for (choice, seed), epochs in values("metrics").items():
    accuracies = {epoch: metrics["validationAccuracy"] for epoch, metrics in epochs.items()}
    best, last = max(accuracies, key=accuracies.get), max(accuracies)
    measured = statistics[choice, seed]
    start, end = (measured[at] or {"kappa": None, "snr": None} for at in (min(measured), max(measured)))
    rows.append({
        "choice": choice, "seed": seed, "epochs": last,
        "best accuracy (%)": f"{100 * accuracies[best]:.2f}", "at epoch": best, "last accuracy (%)": f"{100 * accuracies[last]:.2f}",
        "training loss": number(epochs[last]["trainingLoss"], ".4f"),
        "κ̂ at the initial point": number(start["kappa"], ".3g"), "κ̂ at the end": number(end["kappa"], ".3g"),
        "SNR at the initial point": number(start["snr"], ".3g"), "SNR at the end": number(end["snr"], ".3g"),
    })
columns = list(rows[0])
with open(vmfdag.output("csv"), "w", newline="") as file:
    table = csv.DictWriter(file, columns)
    table.writeheader()
    table.writerows(rows)
lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *([str(row[column]) for column in columns] for row in rows)]
with open(vmfdag.output("markdown"), "w") as file:
    file.writelines(f"| {' | '.join(line)} |\n" for line in lines)

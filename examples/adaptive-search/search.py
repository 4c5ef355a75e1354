"""Adaptive search with Optuna: asks for values, runs the pipeline with them, and tells the loss.

usage: search.py TRIALS [COMMAND...]     COMMAND is vmfdag, by default "npx vmfdag"

Each trial is a run of its own, with a name and a tag: `vmfdag experiments --filter tags=search --metric loss=min --sort loss=min`. A setting that was run before is
found in the cache, so that a search that was killed goes on from what it had.
"""
import json
import subprocess
import sys

import optuna

trials = int(sys.argv[1])
vmfdag = sys.argv[2:] or ["npx", "vmfdag"]


def loss_of(name: str) -> float:
    """The least loss of a run, from the same table that `vmfdag experiments` prints."""
    query = ["experiments", "--filter", f"name={name}", "--metric", "loss=min", "--limit", "1", "--json"]
    table = json.loads(subprocess.run([*vmfdag, *query], check=True, capture_output=True, text=True).stdout)
    return float(table["experiments"][0]["metrics"]["loss=min"]["value"])


study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
for _ in range(trials):
    trial = study.ask()
    rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
    momentum = trial.suggest_float("momentum", 0.0, 0.99)
    name = f"trial {trial.number}"
    settings = ["--set", f"rate={rate}", "--set", f"momentum={momentum}"]
    run = subprocess.run([*vmfdag, "run", "loss", *settings, "--name", name, "--tag", "search"], stdout=sys.stderr)
    if run.returncode == 0:
        study.tell(trial, loss_of(name))
    else:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
print(json.dumps({"value": study.best_value, **study.best_params}))

"""Descends x^2 + 20 y^2 from (2, 1) by gradients with momentum."""
import json
import os
import sys

rate, momentum, steps, out = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
point, velocity = [2.0, 1.0], [0.0, 0.0]
with open(os.environ["VMFDAG_EVENTS"], "a") as events:
    for step in range(1, steps + 1):
        gradient = [2 * point[0], 40 * point[1]]
        velocity = [momentum * v - rate * g for v, g in zip(velocity, gradient)]
        point = [max(-1e6, min(1e6, p + v)) for p, v in zip(point, velocity)]
        loss = point[0] ** 2 + 20 * point[1] ** 2
        events.write(json.dumps({"event": "metric", "name": "loss", "value": loss, "step": step}) + "\n")
with open(out, "w") as file:
    json.dump(loss, file)

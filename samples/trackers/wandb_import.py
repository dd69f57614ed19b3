"""Sends a run's metrics to Weights & Biases: python3 wandb_import.py runs/NAME (pip install wandb).

Without an account: WANDB_MODE=offline. Run with wandb 0.31.0, offline.
"""
import json, pathlib, sys
import wandb

run = pathlib.Path(sys.argv[1])
with wandb.init(name=run.resolve().name, config={"recipe": (run / "recipe.toml").read_text()}) as tracked:
    for line in (run / "metrics.jsonl").open():
        numbers = json.loads(line)
        tracked.log({k: v for k, v in numbers.items() if k not in ("step", "time")}, step=numbers["step"])

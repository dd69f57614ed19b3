"""Sends a run's metrics to MLflow: python3 mlflow_import.py runs/NAME (pip install mlflow).

Without a server: MLFLOW_TRACKING_URI=sqlite:///mlflow.db. Run with mlflow 3.17.2, into SQLite.
"""
import json, pathlib, sys
import mlflow

run = pathlib.Path(sys.argv[1])
with mlflow.start_run(run_name=run.resolve().name):
    mlflow.log_text((run / "recipe.toml").read_text(), "recipe.toml")
    for line in (run / "metrics.jsonl").open():
        numbers = json.loads(line)
        known = {k: v for k, v in numbers.items() if k not in ("step", "time") and v is not None}
        mlflow.log_metrics(known, step=numbers["step"], timestamp=int(numbers["time"] * 1000))

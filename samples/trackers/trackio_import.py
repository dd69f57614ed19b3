"""Shows a run's metrics in trackio: python3 trackio_import.py runs/NAME (pip install trackio).

Nothing leaves the machine; `trackio show` opens them. Run with trackio 0.43.0.
"""
import json, pathlib, sys
import trackio

run = pathlib.Path(sys.argv[1])
trackio.init(project="crux", name=run.resolve().name, config={"recipe": (run / "recipe.toml").read_text()})
for line in (run / "metrics.jsonl").open():
    numbers = json.loads(line)
    trackio.log({k: v for k, v in numbers.items() if k not in ("step", "time")}, step=numbers["step"])
trackio.finish()

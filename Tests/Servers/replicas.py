"""Two replicas of one model: throughput against one, prefix caches, and one of them killed midway.

    python3 replicas.py WORK MODEL URL URL2 PID2 [--count 12] [--crux crux]     (after values.py, whose answers are valued)

PID2 is the process of the second server; it is killed at the end. Asserted: whether one server works, two, or one of two
dies under the work, every boundary has exactly as many rollouts as were asked for, so none is lost and none counted twice.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

from stop import ROOT, metric, running


def cache(urls):
    """Tokens of prompts that were looked up in the prefix caches, and found there."""
    return [sum(metric(url, f"prefix_cache_{name}_total") for url in urls) for name in ("queries", "hits")]


def value(asked, dump, urls, seed):
    """Values a dump; answers what it took, and that each boundary has what was asked for."""
    words = [asked.crux, "inspect", str(dump), "--model", asked.model, "--recipe", str(ROOT / "samples/smollm2-sums.toml"),
             "--rollouts", str(asked.rollouts), "--json", "--seed", str(seed), "--set", "sampling.limit=24",
             "--set", "steps.minimum_tokens=1"]
    before, began = cache(urls), time.time()
    for url in urls:
        words += ["--server", url]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seconds = time.time() - began
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    wanted = sum(len(row["trajectory"]["steps"]) for row in rows) * asked.rollouts
    got = [value["rollouts"] for row in rows for value in row["values"][:-1]]
    assert len(rows) == asked.count and set(got) == {asked.rollouts}, f"rollouts of the boundaries: {got}"
    # A run's own count of rollouts, which a doubled one would raise.
    assert sum(row["critical"]["rollouts"] for row in rows) == wanted, "rollouts were lost or doubled"
    return {"answers": len(rows), "rollouts": wanted, "seconds": round(seconds, 1),
            "rollouts a second": round(wanted / seconds, 2), "told": done.stderr.strip().splitlines()[-1]}, before


def hits(urls, before):
    after = cache(urls)
    return {"prefix cache": round((after[1] - before[1]) / max(1, after[0] - before[0]), 3)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=pathlib.Path)
    for name in ("model", "url", "second"):
        parser.add_argument(name)
    parser.add_argument("pid", type=int)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--rollouts", type=int, default=8)
    parser.add_argument("--crux", default="crux")
    asked = parser.parse_args()
    dump = asked.work / "few" / "traces.jsonl"
    dump.parent.mkdir(exist_ok=True)
    dump.write_text("".join((asked.work / "step_1" / "traces.jsonl").open().readlines()[:asked.count]))
    both = [asked.url, asked.second]
    for urls in ([asked.url], both):
        found, before = value(asked, dump, urls, seed=len(urls))
        print({"servers": len(urls), **found, **hits(urls, before)}, flush=True)
    killed = threading.Event()
    threading.Thread(target=kill_at_work, args=(asked, killed), daemon=True).start()
    found, _ = value(asked, dump, both, seed=3)
    assert killed.is_set(), "the work was done before the server could be killed; take more answers"
    print({"one of two killed": asked.pid, **found})


def kill_at_work(asked, killed):
    """Kills the second server once it has some requests under way, in the middle of the work."""
    time.sleep(3)
    while running(asked.second) < 4:
        time.sleep(0.1)
    os.kill(asked.pid, signal.SIGKILL)
    killed.set()


if __name__ == "__main__":
    main()

"""Ctrl-C on crux leaves no request running at a vLLM server.

    python3 stop.py WORK MODEL URL [--crux crux]     (after values.py, whose answers in WORK are valued)
"""
import argparse
import os
import pathlib
import signal
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]


def metric(url, name):
    """The sum of a metric of vLLM over its labels."""
    headers = {"Authorization": f"Bearer {os.environ.get('VLLM_API_KEY', 'EMPTY')}"}
    text = urllib.request.urlopen(urllib.request.Request(f"{url}/metrics", headers=headers), timeout=60).read().decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(f"vllm:{name}{{"))


def running(url):
    return metric(url, "num_requests_running") + metric(url, "num_requests_waiting")


def wait(condition, seconds):
    began = time.time()
    while time.time() - began < seconds:
        if condition():
            return time.time() - began
        time.sleep(0.2)
    raise SystemExit(f"nothing came of it in {seconds} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("model")
    parser.add_argument("url")
    parser.add_argument("--crux", default="crux")
    asked = parser.parse_args()
    assert running(asked.url) == 0, "the server works for somebody else"
    words = [asked.crux, "inspect", str(asked.work / "step_1" / "traces.jsonl"), "--model", asked.model, "--server", asked.url,
             "--recipe", str(ROOT / "samples/smollm2-sums.toml"), "--rollouts", "32", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait(lambda: running(asked.url) >= 8, 300)
    under_way = running(asked.url)
    began = time.time()
    process.send_signal(signal.SIGINT)
    code = process.wait(120)
    ended = time.time() - began
    idle = wait(lambda: running(asked.url) == 0, 10)
    assert code == 130, f"crux ended with {code}: {process.stderr.read()}"
    print({"requests when stopped": under_way, "crux ended after": round(ended, 2), "server idle after": round(idle, 2)})


if __name__ == "__main__":
    main()

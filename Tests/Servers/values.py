"""Values of the same answers on a server and on the embedded engine: do they agree within sampling error?

    python3 values.py WORK MODEL URL [--count 50] [--rollouts 8] [--crux crux]

WORK keeps what was drawn, so that a second call goes on. The engine answers sums; the answers become a dump with token
ids; `crux inspect` values every boundary of it with and without --server, on rollouts of its own each. Where server and
engine are one policy, the right rollouts of a boundary, t of them together, are spread over the two like t balls over two
urns of n places each. Three tests of that: the sum over boundaries of the squared standardised differences, against what shuffling gives (20 000
shuffles); the signs of the differences, against a fair coin; and the difference of all rollouts, against its own spread.
"""
import argparse
import json
import math
import pathlib
import random
import subprocess
import time

ROOT = pathlib.Path(__file__).parents[2]
SETTINGS = ["--set", "task.max_terms=2", "--set", "sampling.limit=24", "--set", "steps.minimum_tokens=1"]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def crux(asked, arguments, out):
    """What a command of crux prints, and the seconds it took; what is there already is taken."""
    place = asked.work / out
    if not place.exists():
        began = time.time()
        words = [asked.crux, *arguments, "--model", asked.model, "--json", *SETTINGS]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        print(f"{out}: {time.time() - began:.0f} s. {done.stderr.strip().splitlines()[-1:]}", flush=True)
        place.write_text(done.stdout)
    return lines(place)


def trace(number, answer):
    """An answer as prime-rl leaves it, with its token ids."""
    prompt, response, problem = answer["promptTokens"], answer["responseTokens"], answer["problem"]
    text = "".join(step["text"] for step in answer["steps"])
    nodes = [dict(message=dict(role="user", content=problem["prompt"]), sampled=False, token_ids=prompt,
                  mask=[False] * len(prompt), logprobs=[]),
             dict(parent=0, message=dict(role="assistant", content=text), sampled=True, token_ids=response,
                  mask=[True] * len(response), logprobs=answer["logProbabilities"])]
    task = dict(type="Sums", data=dict(idx=number, prompt=problem["prompt"], answer=problem["reference"]),
                key=f"sums-{number}")
    one = dict(version=1, id=f"{number}", verifiers=dict(version="0.4.0"), task=task, nodes=nodes, metrics={},
               rewards=dict(correct=dict(score=answer["reward"], weight=1.0)), is_completed=True, ok=True, errors=[],
               stop_condition="stop")
    return dict(id=task["key"], env=dict(id="sums"), task=task, ok=True, errors=[], traces=[one])


def counts(inspections):
    """Right rollouts and rollouts of every boundary that was drawn from."""
    found = {}
    for row in inspections:
        for value in row["values"]:
            if value["rollouts"]:
                found[row["trajectory"]["id"], value["boundary"]] = value["rewardSum"], value["rollouts"]
    return found


def statistic(pairs):
    """The sum of squared standardised differences; each has the mean 1 where both sides are one policy."""
    total = 0.0
    for right, other, size in pairs:
        both = right + other
        variance = both * (2 * size - both) / (4 * (2 * size - 1))  # of `right`, given `both`
        total += (right - both / 2) ** 2 / variance
    return total


def overall(pairs):
    """How many standard deviations the right rollouts of one side are away from half of them all."""
    apart = sum((other - right) / 2 for right, other, _ in pairs)
    variance = sum((a + b) * (2 * size - a - b) / (4 * (2 * size - 1)) for a, b, size in pairs)
    return apart / math.sqrt(variance)


def shuffled(pairs, dice):
    """The same boundaries with their rollouts dealt anew."""
    for right, other, size in pairs:
        both = int(right + other)
        mine = sum(dice.sample([1] * both + [0] * (2 * size - both), size))
        yield mine, both - mine, size


def compare(engine, server):
    assert engine.keys() == server.keys(), "other boundaries were valued"
    assert all(engine[key][1] == server[key][1] for key in engine), "other numbers of rollouts"
    pairs = [(engine[key][0], server[key][0], engine[key][1]) for key in engine]
    telling = [pair for pair in pairs if 0 < pair[0] + pair[1] < 2 * pair[2]]
    dice = random.Random(0)
    seen = statistic(telling)
    more = sum(statistic(shuffled(telling, dice)) >= seen for _ in range(20_000))
    ups, downs = sum(a < b for a, b, _ in pairs), sum(a > b for a, b, _ in pairs)
    tail = sum(math.comb(ups + downs, k) for k in range(min(ups, downs) + 1)) / 2 ** (ups + downs)
    z = overall(telling)
    rollouts = sum(size for _, _, size in pairs)
    return {"boundaries": len(pairs), "neither all right nor all wrong": len(telling), "rollouts a side": rollouts,
            "mean V, engine": sum(a for a, _, _ in pairs) / rollouts, "mean V, server": sum(b for _, b, _ in pairs) / rollouts,
            "sum of squares": round(seen, 2), "p": (more + 1) / 20_001, "server higher": ups, "lower": downs,
            "p of the signs": min(1.0, 2 * tail), "z of all": round(z, 2), "p of all": math.erfc(abs(z) / math.sqrt(2))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("model")
    parser.add_argument("url")
    parser.add_argument("--count", default="50")
    parser.add_argument("--rollouts", default="8")
    parser.add_argument("--crux", default="crux")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    recipe = ["--recipe", str(ROOT / "samples/smollm2-sums.toml")]
    answers = crux(asked, ["sample", *recipe, "--count", asked.count], "answers.jsonl")
    dump = asked.work / "step_1" / "traces.jsonl"
    dump.parent.mkdir(exist_ok=True)
    dump.write_text("".join(json.dumps(trace(*one)) + "\n" for one in enumerate(answers)))
    inspect = ["inspect", str(dump), *recipe, "--rollouts", asked.rollouts]
    engine = crux(asked, [*inspect, "--seed", "11"], "engine.jsonl")
    server = crux(asked, [*inspect, "--seed", "12", "--server", asked.url], "server.jsonl")
    ids = [answer["responseTokens"] for answer in answers]
    for rows in (engine, server):
        assert [row["trajectory"]["responseTokens"] for row in rows] == ids, "other tokens were valued"
    found = compare(counts(engine), counts(server))
    print(json.dumps(found, indent=1))
    low = min(found[name] for name in ("p", "p of the signs", "p of all"))
    assert low > 0.01 / 3, "server and engine are not one policy"


if __name__ == "__main__":
    main()

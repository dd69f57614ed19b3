"""The small parts of loop.sh between crux, the trainer and the server.

    python3 steps.py choose VALUES TRACES ONE     which answer and which step: their numbers; ONE gets the answer alone
    python3 steps.py compare BEFORE AFTER STEP    the value before and after the step, of both policies
"""
import json
import sys


def rows(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def gap(row, step):
    """By how much a step lowers the value of a state from which some rollouts are right and some wrong."""
    values = row["values"]
    spread = values[step]["mean"] * (1 - values[step]["mean"])
    return values[step]["mean"] - values[step + 1]["mean"] if spread > 0 else 0


def alone(traces, number):
    """The answer of a number, as the one trace of a dump."""
    for row in rows(traces):
        if number <= len(row["traces"]):
            return {**row, "traces": [row["traces"][number - 1]]}
        number -= len(row["traces"])
    raise SystemExit(f"{traces} holds fewer answers")


def choose(values, traces, one):
    found = rows(values)
    places = [(number, step) for number, row in enumerate(found) for step in range(len(row["trajectory"]["steps"]))]
    number, step = max(places, key=lambda place: gap(found[place[0]], place[1]))
    with open(one, "w") as out:
        out.write(json.dumps(alone(traces, number + 1)) + "\n")
    print(number + 1, step + 1)


def shown(value):
    return f"{value['mean']:.2f} [{value['low']:.2f} {value['high']:.2f}] of {value['rollouts']}"


def compare(before, after, step):
    step = int(step) - 1
    rows_of = [rows(path)[0] for path in (before, after)]
    print("step", step + 1, json.dumps(rows_of[0]["trajectory"]["steps"][step]["text"]))
    for name, row in zip(("before the training", "after the training"), rows_of):
        values = row["values"]
        print(f"{name:20} V before the step {shown(values[step])}, A {row['advantages'][step]:+.2f}")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    {"choose": choose, "compare": compare}[sys.argv[1]](*sys.argv[2:])

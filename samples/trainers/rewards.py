"""One reward, in the shapes that TRL, verl and OpenRLHF call: 1 where the text ends on the reference, else 0.

The answer is what follows the last '#', else the last \\boxed{...}, else the last number of the text.
Replace `answer` and `right` for other tasks; `crux eval` shows what Crux's own graders say.
"""
import json
import re
from fractions import Fraction

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?")


def answer(text):
    text = re.sub(r"<\|[^|>]*\|>|</s>", "", text).strip()
    if "#" in text:
        return text.rsplit("#", 1)[1].strip().rstrip("$").strip()
    boxed = re.findall(r"\\boxed\{([^{}]*)\}", text)
    if boxed:
        return boxed[-1].strip()
    numbers = NUMBER.findall(text.replace(",", ""))
    return numbers[-1] if numbers else ""


def right(text, reference):
    said, wanted = answer(text), reference.strip()
    try:
        return float(Fraction(said) == Fraction(wanted))
    except (ValueError, ZeroDivisionError):
        return float(said == wanted and said != "")


def trl_reward(completions, reference, **rest):
    return [right(text, wanted) for text, wanted in zip(completions, reference)]


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **rest):
    return right(solution_str, ground_truth)


def reward_func(queries, prompts, labels, **rest):
    texts = [query[len(prompt):] for query, prompt in zip(queries, prompts)]
    rewards = [right(text, json.loads(label)["reference"]) for text, label in zip(texts, labels)]
    return {"rewards": rewards, "scores": rewards, "extra_logs": {}}

"""Answers of a served policy to sums, as prime-rl's trainer leaves them: traces with token ids.

    python3 rollouts.py URL NAME MODEL PROBLEMS ANSWERS > traces.jsonl

It stands in for a trainer of yours, whose dump you have already.
"""
import json
import os
import random
import re
import sys
import urllib.request

from transformers import AutoTokenizer

SHOWN = [("6 + 5", "6 + 5 = 11\nAnswer: 11"), ("2 - 9", "2 - 9 = -7\nAnswer: -7"),
         ("4 + 3 - 9", "4 + 3 = 7\n7 - 9 = -2\nAnswer: -2")]


def problem(dice):
    """A sum of two or three numbers and its value."""
    first, *rest = [dice.randint(0, 9) for _ in range(dice.choice((2, 3)))]
    signs = [dice.choice((1, -1)) for _ in rest]
    text = str(first) + "".join(f" {'+' if sign > 0 else '-'} {number}" for sign, number in zip(signs, rest))
    return text, str(first + sum(sign * number for sign, number in zip(signs, rest)))


def prompt(text, tokenizer):
    turns = [{"role": "system", "content": "Add step by step."}]
    for question, answer in SHOWN:
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    chat = turns + [{"role": "user", "content": text}]
    return tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=True, return_dict=True)["input_ids"]


def answers(url, name, ids, count, seed):
    body = dict(model=name, prompt=ids, n=count, seed=seed, max_tokens=40, temperature=0.7, top_p=1.0, top_k=0, min_p=0.0,
                repetition_penalty=1.0, logprobs=0, return_token_ids=True)
    headers = {"Authorization": f"Bearer {os.environ.get('VLLM_API_KEY', 'EMPTY')}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/completions", json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request, timeout=600))["choices"]


def trace(number, text, reference, ids, drawn):
    said = re.findall(r"-?\d+", drawn["text"])
    node = dict(parent=0, message=dict(role="assistant", content=drawn["text"]), sampled=True,
                token_ids=drawn["token_ids"], mask=[True] * len(drawn["token_ids"]),
                logprobs=drawn["logprobs"]["token_logprobs"])
    given = dict(message=dict(role="user", content=text), sampled=False, token_ids=ids, mask=[False] * len(ids), logprobs=[])
    task = dict(type="Sums", data=dict(idx=number, prompt=text, answer=reference), key=f"sums-{number}")
    score = float(bool(said) and said[-1] == reference)
    return dict(version=1, id=f"{number}-{drawn['index']}", verifiers=dict(version="0.4.0"), task=task, nodes=[given, node],
                rewards=dict(correct=dict(score=score, weight=1.0)), metrics={}, is_completed=True, ok=True,
                stop_condition=drawn["finish_reason"], errors=[])


def main():
    url, name, model, problems, count = sys.argv[1:]
    tokenizer, dice = AutoTokenizer.from_pretrained(model), random.Random(1)
    for number in range(int(problems)):
        text, reference = problem(dice)
        ids = prompt(text, tokenizer)
        traces = [trace(number, text, reference, ids, drawn)
                  for drawn in answers(url, name, ids, int(count), number)]
        print(json.dumps(dict(id=f"sums-{number}", env=dict(id="sums"), task=traces[0]["task"], ok=True, errors=[],
                              traces=traces)))


if __name__ == "__main__":
    main()

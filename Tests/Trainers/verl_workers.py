"""verl's own data set, agent loop workers and advantages on the rows of `crux export RUN OUT --for verl`.

    PYTHONPATH=samples/trainers/verl python3 verl_workers.py OUT MODEL [--server URL --name NAME] [--rows 6] [--loop crux_gpo]

Everything but the server is verl's (0.9.1): RLHFDataset, AgentLoopManager with two workers under Ray, which cut the
groups apart, and GRPO's advantages. The server is one that reads and answers token ids (vLLM), asked at /v1/completions,
or else transformers inside each worker. Asserted: the states are the rows' ids (crux_reset) or begin with the problem's
(crux_gpo); no prefix has a loss; a group shares one state though two workers drew it; a person's rows come first and are
kept; log-probabilities are those that transformers computes for the same ids.
"""
import argparse
import asyncio
import collections
import json
import os
import pathlib
import urllib.request

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import numpy as np
import ray
import torch
from hydra import compose, initialize_config_module
from transformers import AutoModelForCausalLM, AutoTokenizer
from verl import DataProto
from verl.experimental.agent_loop.agent_loop import AgentLoopManager
from verl.trainer.ppo.core_algos import compute_grpo_outcome_advantage
from verl.utils.dataset.rl_dataset import RLHFDataset, collate_fn
from verl.workers.rollout.replica import TokenOutput

GROUP = 4
PROMPT, RESPONSE = 320, 40


class CompletionClient:
    """What an agent loop calls: ids in, ids out."""

    def __init__(self, url, name):
        self.url, self.name, self.requests = url, name, 0

    async def generate(self, request_id, *, prompt_ids, sampling_params, **rest):
        body = dict(model=self.name, prompt=prompt_ids, max_tokens=RESPONSE, return_token_ids=True, logprobs=0,
                    **{key: sampling_params[key] for key in ("temperature", "top_p", "top_k")})
        answer = await asyncio.get_running_loop().run_in_executor(None, self.post, body)
        choice = answer["choices"][0]
        assert choice["prompt_token_ids"] == prompt_ids, "the server read other ids"
        return TokenOutput(token_ids=choice["token_ids"], log_probs=choice["logprobs"]["token_logprobs"])

    def post(self, body):
        key = os.environ.get("VLLM_API_KEY", "EMPTY")
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/v1/completions", json.dumps(body).encode(), headers)
        return json.load(urllib.request.urlopen(request, timeout=600))


class TransformersClient:
    """The same with the model in the worker, for models that no server takes."""

    def __init__(self, folder):
        self.folder, self.model = folder, None

    async def generate(self, request_id, *, prompt_ids, sampling_params, **rest):
        self.model = self.model or AutoModelForCausalLM.from_pretrained(self.folder, dtype=torch.float32)
        given = torch.tensor([prompt_ids])
        with torch.no_grad():
            drawn = self.model.generate(
                given, attention_mask=torch.ones_like(given), do_sample=True, temperature=sampling_params["temperature"],
                top_k=0, top_p=1.0, max_new_tokens=RESPONSE, return_dict_in_generate=True, output_scores=True)
        tokens = drawn.sequences[0, len(prompt_ids):].tolist()
        logs = [score[0].log_softmax(-1)[token].item() for score, token in zip(drawn.scores, tokens)]
        return TokenOutput(token_ids=tokens, log_probs=logs)


def configuration(model, loops):
    with initialize_config_module("verl.trainer.config", version_base=None):
        return compose("ppo_trainer", overrides=[
            f"actor_rollout_ref.model.path={model}", "actor_rollout_ref.rollout.name=vllm",
            f"data.max_prompt_length={PROMPT}", f"data.max_response_length={RESPONSE}",
            "data.shuffle=false", "actor_rollout_ref.rollout.temperature=0.7",
            "actor_rollout_ref.rollout.calculate_log_probs=true", "actor_rollout_ref.rollout.agent.num_workers=2",
            f"actor_rollout_ref.rollout.agent.agent_loop_config_path={loops}"])


def batch(data, rows, loop):
    """The batch of a training step, as verl makes it: rows, a uid each, and each row GROUP times."""
    proto = DataProto.from_single_dict(collate_fn([data[row] for row in range(rows)]))
    proto.non_tensor_batch["uid"] = np.array([f"group-{row}" for row in range(rows)], dtype=object)
    if loop:
        proto.non_tensor_batch["agent_name"] = np.array([loop] * rows, dtype=object)
    proto.meta_info["global_steps"] = 1
    return proto.repeat(repeat_times=GROUP, interleave=True)


def unpadded(ids, mask):
    return ids[mask.bool()].tolist()


def log_probabilities(model, state, answer, temperature):
    with torch.no_grad():
        logits = model(torch.tensor([state + answer])).logits[0, len(state) - 1:-1] / temperature
    return logits.log_softmax(-1).gather(-1, torch.tensor(answer)[:, None])[:, 0]


def check(given, drawn, loop, model):
    """Asserts what the head of this file promises; answers what was seen."""
    seen = collections.Counter()
    states, furthest = {}, 0.0
    width = drawn.batch["prompts"].shape[1]
    for row in range(len(drawn)):
        attended = drawn.batch["attention_mask"][row]
        state = unpadded(drawn.batch["prompts"][row], attended[:width])
        answer = unpadded(drawn.batch["responses"][row], attended[width:])
        mask = drawn.batch["response_mask"][row]
        assert mask.shape[0] == RESPONSE and mask.sum() == len(answer), "a loss outside of what was drawn"
        assert mask[:len(answer)].all()
        extra = given.non_tensor_batch["extra_info"][row]
        wanted, kept = list(extra["prompt_ids"]), extra["crux"]["kept"]
        by_person = extra["crux"]["by"] == "person"
        if loop is None or by_person:
            assert state == wanted, "another state than the row's"
        else:
            problem = wanted[:len(wanted) - kept]
            assert state[:len(problem)] == problem, "another problem than the row's"
            seen["found"] += drawn.non_tensor_batch["crux_kept"][row] > 0
        seen["person"] += by_person
        group = drawn.non_tensor_batch["uid"][row]
        assert states.setdefault(group, state) == state, "a group with two states"
        told = drawn.batch["rollout_log_probs"][row][:len(answer)]
        apart = (told - log_probabilities(model, state, answer, 0.7)).abs().max().item()
        assert apart < 2e-3, f"log-probabilities {apart} apart"
        furthest = max(furthest, apart)
        seen["tokens"] += len(answer)
        seen["rollouts"] += 1
    return {"groups": len(states), "furthest log-probability": furthest, **seen}


def advantages(drawn, tokenizer):
    """GRPO's, of the rewards of the one file of rewards; those of a group sum to nothing."""
    from critical_step import rewards
    scores = torch.zeros_like(drawn.batch["response_mask"], dtype=torch.float32)
    for row in range(len(drawn)):
        length = int(drawn.batch["response_mask"][row].sum())
        text = tokenizer.decode(drawn.batch["responses"][row][:length], skip_special_tokens=True)
        reference = drawn.non_tensor_batch["reward_model"][row]["ground_truth"]
        scores[row, length - 1] = rewards()(drawn.non_tensor_batch["data_source"][row], text, reference)
    found, _ = compute_grpo_outcome_advantage(
        scores, drawn.batch["response_mask"].float(), np.array(drawn.non_tensor_batch["uid"]))
    assert (found[drawn.batch["response_mask"] == 0] == 0).all(), "an advantage outside of what was drawn"
    return {"mean reward": scores.sum(1).mean().item(), "rows with an advantage": int((found.abs().sum(1) > 0).sum())}


def main():
    parser = argparse.ArgumentParser()
    for name in ("out", "model"):
        parser.add_argument(name)
    parser.add_argument("--server")
    parser.add_argument("--name", default="smol")
    parser.add_argument("--rows", type=int, default=6)
    parser.add_argument("--loop")
    asked = parser.parse_args()
    import critical_step
    loops = pathlib.Path(critical_step.__file__).with_name("agent_loop.yaml")
    torch.set_num_threads(1)
    settings = configuration(os.path.abspath(asked.model), loops)
    tokenizer = AutoTokenizer.from_pretrained(asked.model)
    file = f"{asked.out}/verl/train.jsonl"
    data = RLHFDataset(data_files=[file], tokenizer=tokenizer, config=settings.data)
    written = [json.loads(line) for line in open(file)]
    people = [row["extra_info"]["crux"]["by"] == "person" for row in written]
    assert people == sorted(people, reverse=True), "a person's states are not first"
    given = batch(data, asked.rows, asked.loop)
    client = CompletionClient(asked.server, asked.name) if asked.server else TransformersClient(asked.model)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=True)
    manager = AgentLoopManager.create(settings, client)
    drawn = manager.generate_sequences(given)
    model = AutoModelForCausalLM.from_pretrained(asked.model, dtype=torch.float32)
    seen = check(given, drawn, asked.loop, model)
    print({"verl": asked.loop or "crux_reset", **seen, **advantages(drawn, tokenizer)})


if __name__ == "__main__":
    main()

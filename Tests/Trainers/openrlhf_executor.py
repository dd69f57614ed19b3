"""OpenRLHF's rollout actor with reset_agent.py, on the rows of `crux export RUN OUT --for openrlhf`.

    python3 openrlhf_executor.py OUT MODEL [--rows 3] [--samples 4]

OpenRLHF 0.11.2 reads the rows (PromptDataset), loads the agent (RolloutRayActor, with a vLLM engine of its own, without
a Ray cluster), draws and makes experiences of what was drawn (SamplesGenerator). Asserted: sequences begin with the
row's ids, the mask of actions is what was drawn and no more, rewards are those of the file of rewards, log-probabilities
those that transformers computes for the same ids; and how many rows OpenRLHF's own way, by text, takes to other ids.
"""
import argparse
import asyncio
import json
import os
import pathlib
import types

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# The actor's class is used in this process; it looks for a cluster only where no address is set.
os.environ["RAY_ADDRESS"] = "none"
import torch
from openrlhf.datasets.prompts_dataset import PromptDataset
from openrlhf.trainer.ppo_utils.samples_generator import SamplesGenerator
from openrlhf.trainer.ray.vllm_engine import RolloutRayActor
from transformers import AutoModelForCausalLM, AutoTokenizer
from vllm import SamplingParams

AGENT = pathlib.Path(__file__).parents[2] / "samples/trainers/openrlhf/reset_agent.py"
LIMIT, TEMPERATURE = 384, 0.7


async def actor(model):
    kind = RolloutRayActor.__ray_metadata__.modified_class
    made = kind.__new__(kind)
    await kind.__init__(
        made, model=model, agent_func_path=str(AGENT), num_gpus=0, dtype="float32", max_model_len=LIMIT,
        enforce_eager=True, logprobs_mode="processed_logprobs", max_num_seqs=8)
    return made


def rows(out, tokenizer, count):
    """What OpenRLHF makes of the file: texts and labels."""
    data = [json.loads(line) for line in open(f"{out}/openrlhf/train.jsonl")][:count]
    args = types.SimpleNamespace(data=types.SimpleNamespace(
        input_key="input", label_key="label", apply_chat_template=False, image_key="images", max_images_per_prompt=0))
    strategy = types.SimpleNamespace(args=args, is_rank_0=lambda: False)
    prompts = PromptDataset(data, tokenizer, strategy)
    return [(prompts.prompts[row], prompts.labels[row]) for row in range(len(prompts))]


def check(experience, state, model, temperature):
    """Asserts what the head of this file promises; answers how far log-probabilities are."""
    sequence = experience.sequences[0]
    assert sequence[:len(state)].tolist() == state, "another state than the row's"
    drawn = sequence[len(state):]
    mask = experience.action_mask[0]
    assert mask.sum() == len(drawn) and mask[len(state) - 1:].all(), "a loss outside of what was drawn"
    with torch.no_grad():
        logits = model(sequence[None]).logits[0, len(state) - 1:-1] / temperature
    own = logits.log_softmax(-1).gather(-1, drawn[:, None])[:, 0]
    told = experience.rollout_log_probs[0][mask.bool()]
    apart = (own - told).abs().max().item()
    assert apart < 2e-3, f"log-probabilities {apart} apart"
    return apart


async def run(asked):
    tokenizer = AutoTokenizer.from_pretrained(asked.model)
    given = rows(asked.out, tokenizer, asked.rows)
    engine = await actor(asked.model)
    sampling = SamplingParams(
        temperature=TEMPERATURE, top_p=1.0, top_k=-1, max_tokens=40, min_tokens=1, skip_special_tokens=False, logprobs=1)
    responses = []
    for prompt, label in given:
        responses.append(await engine.generate_responses(
            prompt=prompt, label=label, sampling_params=sampling, max_length=LIMIT, hf_tokenizer=tokenizer,
            num_samples=asked.samples))
    engine.llm.shutdown()
    return tokenizer, given, responses


def main():
    parser = argparse.ArgumentParser()
    for name in ("out", "model"):
        parser.add_argument(name)
    parser.add_argument("--rows", type=int, default=3)
    parser.add_argument("--samples", type=int, default=4)
    asked = parser.parse_args()
    tokenizer, given, responses = asyncio.run(run(asked))
    model = AutoModelForCausalLM.from_pretrained(asked.model, dtype=torch.float32)
    furthest, rewards, moved = 0.0, [], 0
    for (prompt, label), group in zip(given, responses):
        state = json.loads(label)["prompt_ids"]
        moved += tokenizer(text=prompt, add_special_tokens=False)["input_ids"] != state
        for response in group:
            experience = SamplesGenerator._process_response_into_experience(None, response, max_len=LIMIT)
            furthest = max(furthest, check(experience, state, model, TEMPERATURE))
            rewards.append(experience.rewards.item())
    assert set(rewards) <= {0.0, 1.0}, f"rewards {rewards}"
    print({"openrlhf": "reset_agent", "groups": len(given), "rollouts": len(rewards), "furthest log-probability": furthest,
           "mean reward": sum(rewards) / len(rewards), "rows that text moves": moved})


if __name__ == "__main__":
    main()

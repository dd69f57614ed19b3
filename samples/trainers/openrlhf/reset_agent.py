"""OpenRLHF from the states of `crux export RUN OUT --for openrlhf`, on exactly the tokens that were drawn.

    --train.agent_func_path reset_agent.py   in place of --reward.remote_url

OpenRLHF encodes a row's text and cuts what is too long from the left. Here the ids of the row's label are the
prompt, and a state that leaves no room is refused. The rewards are those of ../rewards.py.
"""
import functools
import importlib.util
import json
import os
import pathlib
from copy import deepcopy

from openrlhf.utils.agent import AgentExecutorBase


@functools.cache
def rewards():
    place = pathlib.Path(os.environ.get("CRUX_REWARDS", pathlib.Path(__file__).parents[1] / "rewards.py"))
    spec = importlib.util.spec_from_file_location("crux_rewards", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class AgentExecutor(AgentExecutorBase):
    async def execute(self, prompt, label, sampling_params, max_length, hf_tokenizer, llm_engine, images=None):
        state = json.loads(label)
        ids = [int(token) for token in state["prompt_ids"]]
        room = max_length - len(ids)
        if room < 1:
            raise ValueError(f"a state has {len(ids)} tokens, but the limit is {max_length}; raise --data.max_len.")
        sampling = deepcopy(sampling_params)
        sampling.max_tokens = min(room, sampling.max_tokens or room)
        drawn = (await llm_engine.generate(ids, sampling)).outputs[0]
        tokens = list(drawn.token_ids)
        reward = rewards().right(drawn.text, state["reference"])
        logprobs = None
        if sampling.logprobs is not None:
            logprobs = [0.0] * len(ids) + [at[token].logprob for token, at in zip(tokens, drawn.logprobs)]
        return {
            "prompt": prompt, "label": label, "images": None, "mm_train_inputs": None,
            "reward": reward, "scores": reward,
            "observation_tokens": ids + tokens, "action_ranges": [(len(ids), len(ids) + len(tokens))],
            "rollout_log_probs": logprobs, "truncated": drawn.finish_reason == "length", "extra_logs": {},
        }

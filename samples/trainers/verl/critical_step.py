"""Guided Pivotal Optimization inside verl: the rollouts of a prompt start at the critical step of one answer.

Two agent loops, chosen by the column `agent_name` of a row:

crux_reset  the state is the row's: extra_info.prompt_ids, as `crux export RUN OUT --for verl` writes it.
crux_gpo    the state is found here: one answer is drawn, every boundary between its steps is valued by
            rollouts, and the group starts just before the step whose advantage is largest in size. Where
            a person chose the row's state (extra_info.crux.by), it is that one, and nothing is drawn for it.

To verl the state is the prompt, so its mask, its groups (uid) and its losses stay as they are, and no text
is made into ids twice. verl cuts a batch over its workers without regard to groups; the first worker that
asks finds the state and the others get it. agent_loop.yaml names both; the rewards are those of ../rewards.py.
"""
import asyncio
import functools
import importlib.util
import os
import pathlib
import time
import uuid

import ray
from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopOutput

ROLLOUTS = int(os.environ.get("CRUX_ROLLOUTS", 8))        # drawn at each boundary
FLOOR = float(os.environ.get("CRUX_FLOOR", 0.2))          # a state worth less is not reset to
SMALLEST = float(os.environ.get("CRUX_SMALLEST", 0.1))    # an advantage below it is none
BOUNDARIES = int(os.environ.get("CRUX_BOUNDARIES", 32))   # at most so many are valued
KEEP = 600                                                # seconds that a group's state is kept


@functools.cache
def rewards():
    place = pathlib.Path(os.environ.get("CRUX_REWARDS", pathlib.Path(__file__).parents[1] / "rewards.py"))
    spec = importlib.util.spec_from_file_location("crux_rewards", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.compute_score


class ResetLoop(AgentLoopBase):
    """Rolls out from the state that the row brings."""

    async def state(self, sampling_params, row):
        return [int(token) for token in row["extra_info"]["prompt_ids"]], {}

    async def run(self, sampling_params, **row):
        ids, told = await self.state(sampling_params, row)
        if len(ids) > self.rollout_config.prompt_length:
            raise ValueError(f"A state has {len(ids)} tokens, more than rollout.prompt_length="
                             f"{self.rollout_config.prompt_length}; raise data.max_prompt_length.")
        began = time.monotonic()
        drawn = await self.draw(ids, sampling_params)
        most = self.rollout_config.response_length
        tokens = list(drawn.token_ids)[:most]
        return AgentLoopOutput(
            prompt_ids=ids, response_ids=tokens, response_mask=[1] * len(tokens),
            response_logprobs=list(drawn.log_probs)[:most] if drawn.log_probs else None,
            num_turns=2, metrics={"generate_sequences": time.monotonic() - began},
            extra_fields={"turn_scores": [], "tool_rewards": [], **told})

    async def draw(self, ids, sampling_params):
        # The server takes settings out of what it is given, so each request has its own.
        return await self.server_manager.generate(
            request_id=uuid.uuid4().hex, prompt_ids=ids, sampling_params=dict(sampling_params))


class CriticalStepLoop(ResetLoop):
    """Finds the critical step of one answer by rollouts; all rollouts of the prompt share it."""

    groups = {}

    async def state(self, sampling_params, row):
        if is_by_person(row):
            ids, _ = await super().state(sampling_params, row)
            return ids, told(kept=row["extra_info"]["crux"]["kept"], by="person")
        group = str(row.get("uid") or uuid.uuid4().hex)
        if group not in self.groups:
            found = asyncio.ensure_future(shared(group, lambda: self.locate(sampling_params, row)))
            found.add_done_callback(lambda _: later(self.groups.pop, group, None))
            self.groups[group] = found
        return await self.groups[group]

    async def locate(self, sampling_params, row):
        prompt = await self.prompt(row)
        answer = list((await self.draw(prompt, sampling_params)).token_ids)
        room = self.rollout_config.prompt_length - len(prompt)
        starts = [start for start in boundaries(answer, self.tokenizer) if start <= room][:BOUNDARIES] or [0]
        values = await asyncio.gather(*[self.value(prompt, answer[:start], sampling_params, row) for start in starts])
        after = await self.after(prompt, answer, starts, sampling_params, row)
        kept, advantage = choose(starts, list(values) + [after])
        return prompt + answer[:kept], told(kept, "rule", advantage, list(values) + [after])

    async def prompt(self, row):
        """The ids of the problem alone: those that an exported row holds, else what the template makes."""
        extra = row.get("extra_info") or {}
        if "prompt_ids" not in extra:
            return await self.ct_build_initial_tokens(list(row["raw_prompt"]))
        ids = [int(token) for token in extra["prompt_ids"]]
        return ids[:len(ids) - int(extra["crux"]["kept"])]

    async def after(self, prompt, answer, starts, sampling_params, row):
        """What the last valued step leads to: the answer's own reward, where no boundary was left out."""
        following = [start for start in boundaries(answer, self.tokenizer) if start > starts[-1]]
        if not following:
            return self.score(answer, row)
        return await self.value(prompt, answer[:following[0]], sampling_params, row)

    async def value(self, prompt, kept, sampling_params, row):
        drawn = await asyncio.gather(*[self.draw(prompt + kept, sampling_params) for _ in range(ROLLOUTS)])
        return sum(self.score(kept + list(one.token_ids), row) for one in drawn) / ROLLOUTS

    def score(self, response, row):
        text = self.tokenizer.decode(response, skip_special_tokens=True)
        return rewards()(row.get("data_source"), text, row["reward_model"]["ground_truth"])


def is_by_person(row):
    return ((row.get("extra_info") or {}).get("crux") or {}).get("by") == "person"


def told(kept, by, advantage=None, values=None):
    """What the trainer logs with each rollout; the same keys in each."""
    return {"crux_kept": kept, "crux_by": by, "crux_advantage": advantage, "crux_values": values}


def choose(starts, values):
    """How many tokens of an answer are kept, and the advantage of the step after them.

    Of the states worth FLOOR or more it is the one whose step changes the value most; none where no step
    changes it by SMALLEST.
    """
    steps = [step for step in range(len(starts)) if values[step] >= FLOOR]
    best = max(steps, key=lambda step: abs(values[step + 1] - values[step]), default=0)
    advantage = values[best + 1] - values[best]
    return (starts[best] if steps and abs(advantage) >= SMALLEST else 0), advantage


def boundaries(tokens, tokenizer):
    """The tokens that steps begin with: those after a line break, as they were drawn; the first is 0.

    Empty lines belong to the step before them, and so does a lone end token.
    """
    text = lambda start, end: tokenizer.decode(tokens[start:end], skip_special_tokens=True)
    breaks = [place + 1 for place in range(len(tokens) - 1) if "\n" in text(place, place + 1)]
    return [0] + [start for start, end in zip(breaks, breaks[1:] + [len(tokens)]) if text(start, end).strip()]


class States:
    """The states of the groups: who claims one first finds it, the others wait until it is told."""

    def __init__(self):
        self.found = {}

    async def claim(self, group):
        """Nothing for the first; for the others the state, or why there is none."""
        if group not in self.found:
            self.found[group] = asyncio.get_running_loop().create_future()
            return None
        return await self.found[group]

    async def tell(self, group, state, failure):
        self.found[group].set_result((state, failure))
        later(self.found.pop, group, None)


def later(call, *arguments):
    asyncio.get_running_loop().call_later(KEEP, call, *arguments)


@functools.cache
def all_states():
    """One for all workers of the trainer."""
    options = dict(name="crux_states", get_if_exists=True, num_cpus=0, max_concurrency=100_000)
    return ray.remote(States).options(**options).remote()


async def shared(group, locate):
    """The state of a group, found by the first worker that asks for it."""
    if not ray.is_initialized():
        return await locate()
    claimed = await all_states().claim.remote(group)
    if claimed is None:
        try:
            claimed = await locate(), None
        except Exception as error:
            claimed = None, f"{type(error).__name__}: {error}"
        await all_states().tell.remote(group, *claimed)
    state, failure = claimed
    if failure:
        raise RuntimeError(f"The critical step of a prompt could not be found: {failure}")
    return state

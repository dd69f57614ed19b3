"""Guided Pivotal Optimization inside verl: the rollouts of a prompt start at the critical step of one answer.

Two agent loops, chosen by the column `agent_name` of a row:

crux_reset  the state is the row's: extra_info.prompt_ids, as `crux export RUN OUT --for verl` writes it.
crux_gpo    the state is found here: one answer is drawn, every boundary between its steps is valued by
            rollouts, and the group starts just before the step whose advantage is largest in size.

To verl the state is the prompt, so its mask, its groups (uid) and its losses stay as they are, and no text
is made into ids twice. agent_loop.yaml names both; the rewards are those of ../rewards.py.
"""
import asyncio
import importlib.util
import os
import pathlib
import uuid

from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopOutput

ROLLOUTS = int(os.environ.get("CRUX_ROLLOUTS", 8))        # drawn at each boundary
FLOOR = float(os.environ.get("CRUX_FLOOR", 0.2))          # a state worth less is not reset to
SMALLEST = float(os.environ.get("CRUX_SMALLEST", 0.1))    # an advantage below it is none
BOUNDARIES = int(os.environ.get("CRUX_BOUNDARIES", 32))   # at most so many are valued
KEEP = 600                                                # seconds that a group's state is kept


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
        drawn = await self.draw(ids, sampling_params)
        most = self.rollout_config.response_length
        tokens = list(drawn.token_ids)[:most]
        return AgentLoopOutput(
            prompt_ids=ids, response_ids=tokens, response_mask=[1] * len(tokens),
            response_logprobs=list(drawn.log_probs)[:most] if drawn.log_probs else None,
            num_turns=2, metrics={}, extra_fields={"turn_scores": [], "tool_rewards": [], **told})

    async def draw(self, ids, sampling_params):
        return await self.server_manager.generate(
            request_id=uuid.uuid4().hex, prompt_ids=ids, sampling_params=sampling_params)


class CriticalStepLoop(ResetLoop):
    """Finds the critical step of one answer by rollouts; all rollouts of the prompt share it."""

    groups = {}

    async def state(self, sampling_params, row):
        group = row.get("uid") or uuid.uuid4().hex
        if group not in self.groups:
            self.groups[group] = asyncio.ensure_future(self.locate(sampling_params, row))
            asyncio.get_running_loop().call_later(KEEP, self.groups.pop, group, None)
        return await self.groups[group]

    async def locate(self, sampling_params, row):
        prompt = await self.ct_build_initial_tokens(list(row["raw_prompt"]))
        answer = list((await self.draw(prompt, sampling_params)).token_ids)
        starts = boundaries(answer, self.tokenizer)[:BOUNDARIES]
        values = await asyncio.gather(*[self.value(prompt, answer[:start], sampling_params, row) for start in starts])
        values = list(values) + [self.score(answer, row)]
        steps = [step for step in range(len(starts)) if values[step] >= FLOOR]
        best = max(steps, key=lambda step: abs(values[step + 1] - values[step]), default=0)
        advantage = values[best + 1] - values[best]
        kept = starts[best] if abs(advantage) >= SMALLEST else 0
        told = {"crux_kept": kept, "crux_advantage": advantage, "crux_values": values}
        return prompt + answer[:kept], told

    async def value(self, prompt, kept, sampling_params, row):
        drawn = await asyncio.gather(*[self.draw(prompt + kept, sampling_params) for _ in range(ROLLOUTS)])
        return sum(self.score(kept + list(one.token_ids), row) for one in drawn) / ROLLOUTS

    def score(self, response, row):
        text = self.tokenizer.decode(response, skip_special_tokens=True)
        return rewards()(row.get("data_source"), text, row["reward_model"]["ground_truth"])


def boundaries(tokens, tokenizer):
    """The tokens that steps begin with: those after a line break, as they were drawn; the first is 0."""
    found = [0]
    for place in range(1, len(tokens)):
        before, here = tokenizer.decode(tokens[place - 1:place]), tokenizer.decode(tokens[place:place + 1])
        if before.rstrip(" \t").endswith("\n") and here.strip():
            found.append(place)
    return found

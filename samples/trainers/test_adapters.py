"""The adapters without a trainer: what they take of a trainer is played by small stand-ins.

    python3 -m unittest samples/trainers/test_adapters.py

CRUX_EXPORT names an export (`crux export RUN OUT --for trl-dpo,trl-kto,trl-grpo,verl,openrlhf`), whose rows are then
read as well. Under the trainers themselves Tests/Trainers runs the adapters.
"""
import asyncio
import importlib.util
import json
import os
import pathlib
import sys
import types
import unittest

HERE = pathlib.Path(__file__).parent
EXPORT = os.environ.get("CRUX_EXPORT")


def loaded(path, **stands_in):
    """A file of this folder, with modules that it imports and that need not be installed."""
    names = {name.replace("__", "."): module for name, module in stands_in.items()}
    kept = {name: sys.modules.get(name) for name in names}
    sys.modules.update(names)
    try:
        spec = importlib.util.spec_from_file_location(path.replace("/", "_")[:-3], HERE / path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def holding(**names):
    module = types.ModuleType("stand-in")
    vars(module).update(names)
    return module


def rows(folder):
    with open(f"{EXPORT}/{folder}/train.jsonl") as lines:
        return [json.loads(line) for line in lines]


class Rewards(unittest.TestCase):
    """One reward in three shapes."""

    rewards = loaded("rewards.py")
    # text, reference, reward
    judged = [
        ("+4 22\n# 22 $", "22", 1.0), ("+4 22\n# 23 $", "22", 0.0), ("# 1/2", "0.5", 1.0),
        (r"so \boxed{7} and not 9", "7", 1.0), (r"\boxed{1}, no, \boxed{2}", "2", 1.0),
        ("7 - 8 = -1\nAnswer: -1<|im_end|>", "-1", 1.0), ("it is 1,234.", "1234", 1.0),
        ("", "", 0.0), ("no number", "3", 0.0), ("# east", "east", 1.0), ("# 1/0", "1/0", 1.0)]

    def test_the_answer_is_what_the_text_ends_on(self):
        for text, reference, reward in self.judged:
            self.assertEqual(self.rewards.right(text, reference), reward, text)

    def test_three_trainers_hear_the_same(self):
        texts, references, wanted = zip(*self.judged)
        self.assertEqual(self.rewards.trl_reward(list(texts), list(references), prompts=None), list(wanted))
        verl = [self.rewards.compute_score("crux/sums", text, reference) for text, reference in zip(texts, references)]
        self.assertEqual(verl, list(wanted))
        labels = [json.dumps({"reference": reference}) for reference in references]
        heard = self.rewards.reward_func([f"9 + 1 = {text}" for text in texts], ["9 + 1 = "] * len(texts), labels)
        self.assertEqual(heard["rewards"], list(wanted))


class Draw(types.SimpleNamespace):
    """What a server of verl answers."""


class Server:
    """Continues a state by what is written down for it, in turn; counts what it is asked."""

    def __init__(self, continuations):
        self.continuations, self.asked = continuations, []

    async def generate(self, request_id, *, prompt_ids, sampling_params):
        await asyncio.sleep(0)
        self.asked.append(tuple(prompt_ids))
        sampling_params.clear()  # as verl's server takes settings out
        answers = self.continuations(prompt_ids)
        tokens = answers[self.asked.count(tuple(prompt_ids)) % len(answers)]
        return Draw(token_ids=tokens, log_probs=[-0.5] * len(tokens))


class Letters:
    """A tokenizer whose tokens are characters."""

    @staticmethod
    def decode(ids, skip_special_tokens=False):
        return "".join(map(chr, ids))


class Base:
    """verl's AgentLoopBase, as far as the loops use it."""

    def __init__(self, server, prompt_length=64, response_length=32):
        self.server_manager, self.tokenizer = server, Letters
        self.rollout_config = types.SimpleNamespace(prompt_length=prompt_length, response_length=response_length)

    async def ct_build_initial_tokens(self, messages):
        return ids(messages[-1]["content"])


def ids(text):
    return [ord(letter) for letter in text]


def verl():
    """The loops on stand-ins, with nothing left of an earlier test."""
    agent = holding(AgentLoopBase=Base, AgentLoopOutput=types.SimpleNamespace)
    ray = holding(is_initialized=lambda: False)
    return loaded("verl/critical_step.py", ray=ray, verl=holding(), verl__experimental=holding(),
                  verl__experimental__agent_loop=holding(), verl__experimental__agent_loop__agent_loop=agent)


def problem(prompt, reference, **extra):
    return {"uid": "u", "raw_prompt": [{"role": "user", "content": prompt}], "extra_info": extra,
            "reward_model": {"ground_truth": reference}}


def one_slip(state):
    """From the problem and after the first line half of the answers are right, after the second none."""
    text = Letters.decode(state)
    if text.endswith("b\n"):
        return [ids("# 9")]
    if text.endswith("a\n"):
        return [ids("# 5"), ids("b\n# 9")]
    return [ids("a\n# 5"), ids("a\nb\n# 9")]


class Verl(unittest.TestCase):
    """The agent loops of verl."""

    def run_group(self, row, size=4, server=None, **lengths):
        loops, server = verl(), server or Server(one_slip)

        async def group():
            made = [loops.CriticalStepLoop(server, **lengths) for _ in range(size)]
            return await asyncio.gather(*[loop.run({"temperature": 1.0}, **row) for loop in made])

        return asyncio.run(group()), server

    def test_a_group_shares_the_state_before_its_critical_step(self):
        outputs, server = self.run_group(problem("p", "5"))
        self.assertEqual({tuple(output.prompt_ids) for output in outputs}, {tuple(ids("pa\n"))})
        self.assertEqual(outputs[0].extra_fields["crux_values"], [0.5, 0.5, 0.0, 0.0])
        self.assertEqual(outputs[0].extra_fields["crux_advantage"], -0.5)
        # One answer, eight rollouts at each of its three boundaries, and the group.
        self.assertEqual(len(server.asked), 1 + 3 * 8 + 4)

    def test_only_what_was_drawn_has_a_loss(self):
        outputs, _ = self.run_group(problem("p", "5"))
        for output in outputs:
            self.assertEqual(output.response_mask, [1] * len(output.response_ids))
            self.assertEqual(len(output.response_logprobs), len(output.response_ids))
            self.assertIn(Letters.decode(output.response_ids), ["# 5", "b\n# 9"])

    def test_a_persons_state_is_taken_and_nothing_is_valued(self):
        row = problem("p", "5", prompt_ids=ids("pa\nb\n"), crux={"by": "person", "kept": 4})
        outputs, server = self.run_group(row)
        self.assertEqual({tuple(output.prompt_ids) for output in outputs}, {tuple(ids("pa\nb\n"))})
        self.assertEqual(len(server.asked), 4)

    def test_an_exported_row_keeps_the_ids_of_its_problem(self):
        row = problem("another text", "5", prompt_ids=ids("pa\n"), crux={"by": "rule", "kept": 2})
        outputs, server = self.run_group(row)
        self.assertEqual(server.asked[0], tuple(ids("p")))
        self.assertEqual(outputs[0].prompt_ids, ids("pa\n"))

    def test_no_state_outgrows_what_the_trainer_pads_to(self):
        outputs, _ = self.run_group(problem("p", "5"), prompt_length=2)
        self.assertEqual(outputs[0].prompt_ids, ids("p"))

    def test_a_failure_reaches_the_whole_group(self):
        def fails(state):
            raise OSError("the server is gone")
        with self.assertRaisesRegex(OSError, "gone"):
            self.run_group(problem("p", "5"), server=Server(fails))

    def test_workers_share_what_one_of_them_found(self):
        loops = verl()

        async def workers():
            states = loops.States()
            first = await states.claim("g")
            others = [asyncio.ensure_future(states.claim("g")) for _ in range(3)]
            await asyncio.sleep(0)
            waiting = [other.done() for other in others]
            await states.tell("g", [1, 2], None)
            return first, waiting, await asyncio.gather(*others)

        first, waiting, others = asyncio.run(workers())
        self.assertIsNone(first)
        self.assertEqual(waiting, [False] * 3)
        self.assertEqual(others, [([1, 2], None)] * 3)

    def test_a_row_brings_its_state(self):
        loops = verl()
        server = Server(lambda state: [ids("x" * 40)])
        row = {"extra_info": {"prompt_ids": [1, 2, 3]}}
        output = asyncio.run(loops.ResetLoop(server).run({}, **row))
        self.assertEqual(output.prompt_ids, [1, 2, 3])
        self.assertEqual(len(output.response_ids), 32)
        with self.assertRaisesRegex(ValueError, "max_prompt_length"):
            asyncio.run(loops.ResetLoop(server, prompt_length=2).run({}, **row))

    def test_steps_begin_after_line_breaks(self):
        found = verl().boundaries(ids("ab\n\n c\nd\n"), Letters)
        self.assertEqual(found, [0, 4, 7])

    def test_the_step_that_changes_the_value_most_is_chosen(self):
        choose = verl().choose
        self.assertEqual(choose([0, 5, 9], [0.5, 0.5, 1.0, 0.0]), (9, -1.0))
        self.assertEqual(choose([0, 5], [0.1, 0.1, 1.0])[0], 0, "no state reaches the floor")
        self.assertEqual(choose([0, 5], [0.5, 0.55, 0.5])[0], 0, "no step changes it")

    @unittest.skipUnless(EXPORT, "CRUX_EXPORT names no export")
    def test_rows_of_an_export(self):
        loops, server = verl(), Server(lambda state: [[7]])
        for row in rows("verl"):
            output = asyncio.run(loops.ResetLoop(server, prompt_length=4096).run({}, **row))
            self.assertEqual(output.prompt_ids, row["extra_info"]["prompt_ids"])
            kept = row["extra_info"]["crux"]["kept"]
            self.assertTrue(0 <= kept < len(output.prompt_ids))


class OpenRLHF(unittest.TestCase):
    """The agent of OpenRLHF."""

    agent = loaded("openrlhf/reset_agent.py", openrlhf=holding(), openrlhf__utils=holding(),
                   openrlhf__utils__agent=holding(AgentExecutorBase=object))

    def execute(self, label, limit, most=None, logprobs=1):
        test = self

        class Engine:
            async def generate(self, prompt, sampling):
                test.asked = list(prompt), sampling.max_tokens
                logs = [{5: types.SimpleNamespace(logprob=-0.25)}, {6: types.SimpleNamespace(logprob=-1.5)}]
                drawn = types.SimpleNamespace(token_ids=[5, 6], text="# 4", logprobs=logs, finish_reason="stop")
                return types.SimpleNamespace(outputs=[drawn])

        sampling = types.SimpleNamespace(max_tokens=most, logprobs=logprobs)
        found = asyncio.run(self.agent.AgentExecutor().execute("p", label, sampling, limit, None, Engine()))
        self.assertEqual(sampling.max_tokens, most, "the trainer's own settings were changed")
        return found

    def test_the_ids_of_the_label_are_the_prompt_and_have_no_loss(self):
        label = json.dumps({"reference": "4", "prompt_ids": [1, 2, 3]})
        found = self.execute(label, limit=10)
        self.assertEqual(self.asked, ([1, 2, 3], 7))
        self.assertEqual(found["observation_tokens"], [1, 2, 3, 5, 6])
        self.assertEqual(found["action_ranges"], [(3, 5)])
        self.assertEqual(found["rollout_log_probs"], [0.0, 0.0, 0.0, -0.25, -1.5])
        self.assertEqual((found["reward"], found["scores"], found["truncated"]), (1.0, 1.0, False))
        self.execute(label, limit=10, most=5, logprobs=None)
        self.assertEqual(self.asked[1], 5)

    def test_a_state_that_leaves_no_room_is_refused(self):
        with self.assertRaisesRegex(ValueError, "raise --data.max_len"):
            self.execute(json.dumps({"reference": "4", "prompt_ids": [1, 2, 3]}), limit=3)

    @unittest.skipUnless(EXPORT, "CRUX_EXPORT names no export")
    def test_rows_of_an_export(self):
        states = [row["extra_info"]["prompt_ids"] for row in rows("verl")]
        for row, state in zip(rows("openrlhf"), states, strict=True):
            found = self.execute(row["label"], limit=4096)
            self.assertEqual(found["observation_tokens"][:-2], state)


class Rows(list):
    """The rows of a data set, as far as the trainers use it."""

    @property
    def column_names(self):
        return list(self[0])

    def __getitem__(self, name):
        return [row[name] for row in self] if isinstance(name, str) else list.__getitem__(self, name)

    def remove_columns(self, names):
        return Rows({key: value for key, value in row.items() if key not in names} for row in self)

    def add_column(self, name, values):
        return Rows({**row, name: value} for row, value in zip(self, values, strict=True))

    def map(self, change, remove_columns):
        return Rows({**row, **change(row)} for row in self).remove_columns(remove_columns)


class TRL(unittest.TestCase):
    """The trainers of TRL on ids."""

    names = ("DPOConfig", "DPOTrainer", "GRPOConfig", "GRPOTrainer", "KTOConfig", "KTOTrainer", "ModelConfig",
             "ScriptArguments", "TrlParser", "get_peft_config")
    ids = loaded("trl/exact_ids.py", datasets=holding(load_dataset=None),
                 trl=holding(**{name: type(name, (), {}) for name in names}))

    def test_nothing_but_ids_reaches_dpo(self):
        data = Rows([dict(prompt="p", prompt_ids=[1], chosen="c", chosen_ids=[2], rejected="r", rejected_ids=[3])])
        found = self.ids.IdsDPOTrainer()._prepare_dataset(data, None, None, "train")
        self.assertEqual(found, [dict(prompt_ids=[1], chosen_ids=[2], rejected_ids=[3])])

    def test_kto_meets_the_completion_of_another_row_of_its_batch(self):
        data = Rows(dict(prompt="p", prompt_ids=[1], completion_ids=[n], label=True) for n in range(5))
        size = types.SimpleNamespace(per_device_train_batch_size=2)
        found = self.ids.IdsKTOTrainer()._prepare_dataset(data, None, size, "train")
        self.assertEqual([row["KL_completion_ids"] for row in found], [[1], [0], [3], [2], [4]])

    def test_grpo_reads_states_as_ids(self):
        data = Rows([dict(prompt="12", prompt_ids=[1, 2], reference="3", boundary="moved", crux={})])
        self.assertEqual(self.ids.states(data), [dict(prompt="1 2", reference="3")])
        trainer = types.SimpleNamespace(
            num_generations=2, num_generations_eval=1, model=types.SimpleNamespace(training=True),
            _generate_single_turn=lambda ids, images, fields, count: ([[9]] * len(ids), [[-0.5]] * len(ids)))
        found = self.ids.roll_out(["1 2", "1 2"], trainer)
        self.assertEqual(found, dict(prompt_ids=[[1, 2]] * 2, completion_ids=[[9]] * 2, logprobs=[[-0.5]] * 2))

    def test_what_would_be_cut_is_refused(self):
        data = Rows([dict(prompt_ids=[1] * 8, chosen_ids=[2], rejected_ids=[3, 4, 5])])
        self.assertIs(self.ids.fitting(data, 11), data)
        self.assertIs(self.ids.fitting(data, None), data)
        with self.assertRaisesRegex(SystemExit, "11 tokens, but --max_length is 10"):
            self.ids.fitting(data, 10)

    @unittest.skipUnless(EXPORT, "CRUX_EXPORT names no export")
    def test_rows_of_an_export(self):
        for row in rows("trl-dpo"):
            self.assertNotEqual(row["chosen_ids"], row["rejected_ids"])
        pairs = self.ids.IdsDPOTrainer()._prepare_dataset(Rows(rows("trl-dpo")), None, None, "train")
        self.assertEqual(set(pairs.column_names), {"prompt_ids", "chosen_ids", "rejected_ids"})
        states = self.ids.states(Rows(rows("trl-grpo")))
        for state, row in zip(states, rows("verl"), strict=True):
            self.assertEqual([int(word) for word in state["prompt"].split()], row["extra_info"]["prompt_ids"])


if __name__ == "__main__":
    unittest.main()

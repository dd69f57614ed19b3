"""TRL on the rows of `crux export RUN OUT --for trl-dpo,trl-kto,trl-grpo`, on exactly the tokens that were drawn.

    python3 exact_ids.py dpo|kto|grpo --dataset_name OUT/trl-dpo --model_name_or_path MODEL --output_dir out [TRL's options]

TRL encodes text again, which may give other ids than were drawn. Here the ids of the rows are used as they
are: nothing is encoded and no end token is added. The step from text to ids is all that differs from TRL.
"""
import importlib.util
import pathlib
import sys

from datasets import load_dataset
from trl import (DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, KTOConfig, KTOTrainer, ModelConfig,
                 ScriptArguments, TrlParser, get_peft_config)


def only(dataset, names):
    return dataset.remove_columns([name for name in dataset.column_names if name not in names])


class IdsDPOTrainer(DPOTrainer):
    def _prepare_dataset(self, dataset, processing_class, args, dataset_name):
        return only(dataset, ["prompt_ids", "chosen_ids", "rejected_ids"])


class IdsKTOTrainer(KTOTrainer):
    def _prepare_dataset(self, dataset, processing_class, args, dataset_name):
        rows = only(dataset, ["prompt_ids", "completion_ids", "label"])
        # The KL term needs, beside each prompt, the completion of another row of its micro-batch.
        completions, size = rows["completion_ids"], args.per_device_train_batch_size
        starts = range(0, len(completions), size)
        batches = [completions[start:start + size] for start in starts]
        other = [ids for batch in batches for ids in batch[-1:] + batch[:-1]]
        return rows.add_column("KL_completion_ids", other)


def fitting(dataset, limit):
    """The rows, where all of them fit: TRL cuts longer ones, and with them the step that counts."""
    completions = [name for name in ("chosen_ids", "rejected_ids", "completion_ids") if name in dataset.column_names]
    longest = max(len(row["prompt_ids"]) + max(len(row[name]) for name in completions) for row in dataset)
    if limit is not None and longest > limit:
        sys.exit(f"A row has {longest} tokens, but --max_length is {limit}; raise it, or leave such rows out.")
    return dataset


def states(dataset):
    """Rows for GRPO: the prompt is the state's ids, written as text, so that none is mistaken for another."""
    return dataset.map(lambda row: {"prompt": " ".join(map(str, row["prompt_ids"]))},
                       remove_columns=["prompt_ids", "boundary", "crux"])


def roll_out(prompts, trainer):
    """One continuation a prompt, by whatever the trainer generates with (vLLM or transformers)."""
    ids = [[int(word) for word in prompt.split()] for prompt in prompts]
    count = trainer.num_generations if trainer.model.training else trainer.num_generations_eval
    completions, logprobs = trainer._generate_single_turn(ids, None, {}, count)
    return {"prompt_ids": ids, "completion_ids": completions, "logprobs": logprobs}


def rewards(dataset):
    """The file of rewards beside the exported folders, else the one that ships with Crux."""
    places = [pathlib.Path(dataset).parent / "rewards.py", pathlib.Path(__file__).parents[1] / "rewards.py"]
    spec = importlib.util.spec_from_file_location("rewards", next(p for p in places if p.exists()))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.trl_reward


def trainer(kind, script, training, model):
    """The trainer of a kind on the rows that `script` names."""
    training.remove_unused_columns = False
    training.model_init_kwargs = {**(training.model_init_kwargs or {}), "dtype": model.dtype}
    data = load_dataset(script.dataset_name)[script.dataset_train_split]
    shared = dict(model=model.model_name_or_path, args=training, peft_config=get_peft_config(model))
    if kind == "dpo":
        return IdsDPOTrainer(train_dataset=fitting(data, training.max_length), **shared)
    if kind == "kto":
        return IdsKTOTrainer(train_dataset=fitting(data, training.max_length), **shared)
    # The states of a person are the first rows.
    training.shuffle_dataset = False
    return GRPOTrainer(train_dataset=states(data), reward_funcs=rewards(script.dataset_name),
                       rollout_func=roll_out, **shared)


CONFIGURATIONS = {"dpo": DPOConfig, "kto": KTOConfig, "grpo": GRPOConfig}


def main():
    kind = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if kind not in CONFIGURATIONS:
        sys.exit(__doc__)
    parser = TrlParser((ScriptArguments, CONFIGURATIONS[kind], ModelConfig))
    script, training, model = parser.parse_args_and_config()
    made = trainer(kind, script, training, model)
    made.train(resume_from_checkpoint=training.resume_from_checkpoint)
    made.save_model(training.output_dir)


if __name__ == "__main__":
    main()

"""One step of TRL's DPO, KTO, SFT and GRPO on the rows of `crux export RUN OUT --for trl-dpo,trl-kto,trl-sft,trl-grpo`.

    python3 trl_steps.py OUT MODEL [dpo kto sft grpo]

DPO, KTO and GRPO go through samples/trainers/trl/exact_ids.py; SFT is TRL's own. What reaches the loss is compared with
the rows: asserted is that every sequence there is a row's, token for token, that the loss is on the continuation alone,
and that the gradient is above zero.
"""
import json
import os
import pathlib
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", TRL_EXPERIMENTAL_SILENCE="1")
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "samples/trainers/trl"))
import exact_ids
import torch
from datasets import load_dataset
from transformers import TrainerCallback
from trl import ModelConfig, ScriptArguments, SFTConfig, SFTTrainer, TrlParser


def rows(out, kind):
    return [json.loads(line) for line in open(f"{out}/trl-{kind}/train.jsonl")]


def parsed(kind, out, model, folder):
    grpo = ["--num_generations", "8", "--max_completion_length", "40", "--temperature", "1.0"]
    # Where the answers from a state are all right or all wrong GRPO has no gradient, so it may take several steps.
    steps, parts = (4, 4) if kind == "grpo" else (1, 1)
    words = ["--dataset_name", f"{out}/trl-{kind}", "--model_name_or_path", model, "--output_dir", folder,
             "--max_steps", str(steps), "--per_device_train_batch_size", "4",
             "--gradient_accumulation_steps", str(parts), "--learning_rate", "1e-6", "--logging_steps", "1",
             "--use_cpu", "true", "--bf16", "false", "--gradient_checkpointing", "false", "--save_strategy", "no",
             "--report_to", "none", "--disable_tqdm", "true", *(grpo if kind == "grpo" else [])]
    kinds = {**exact_ids.CONFIGURATIONS, "sft": SFTConfig}
    return TrlParser((ScriptArguments, kinds[kind], ModelConfig)).parse_args_and_config(words)


def trainer(kind, out, model, folder):
    script, training, chosen = parsed(kind, out, model, folder)
    if kind != "sft":
        return exact_ids.trainer(kind, script, training, chosen)
    training.model_init_kwargs = {"dtype": chosen.dtype}
    return SFTTrainer(model=model, args=training, train_dataset=load_dataset(script.dataset_name)["train"])


class UntilMoved(TrainerCallback):
    """Ends the training with the first step that has a gradient."""

    def on_log(self, args, state, control, logs=None, **rest):
        control.should_training_stop = (logs or {}).get("grad_norm", 0) > 0


def watched(made):
    """What reaches the loss, as it is computed."""
    seen, inner = [], made.compute_loss

    def compute_loss(model, inputs, *rest, **named):
        seen.append({key: value.clone() for key, value in inputs.items() if torch.is_tensor(value)})
        return inner(model, inputs, *rest, **named)

    made.compute_loss = compute_loss
    return seen


def sequences(kind, inputs):
    """(ids before the loss, ids with a loss) of every sequence of a batch."""
    if kind == "grpo":
        for prompt, given, drawn, mask in zip(*(inputs[key] for key in (
                "prompt_ids", "prompt_mask", "completion_ids", "completion_mask"))):
            yield tuple(prompt[given.bool()].tolist()), tuple(drawn[mask.bool()].tolist())
        return
    for number, ids in enumerate(inputs["input_ids"]):
        learnt = inputs["labels"][number] != -100 if kind == "sft" else inputs["completion_mask"][number].bool()
        given = inputs["attention_mask"][number].bool() if "attention_mask" in inputs else torch.ones_like(ids).bool()
        place = int(learnt.nonzero()[0])
        assert learnt[place:][given[place:]].all(), "a hole in the loss"
        yield tuple(ids[given & ~learnt].tolist()), tuple(ids[learnt].tolist())


def written(kind, rows):
    """The same of the rows; of a state to roll out from, the state alone."""
    if kind == "sft":
        return {(tuple(row["input_ids"][:row["labels"].count(-100)]), tuple(row["input_ids"][row["labels"].count(-100):]))
                for row in rows}
    names = {"dpo": ("chosen_ids", "rejected_ids"), "kto": ("completion_ids",)}.get(kind, ())
    pairs = {(tuple(row["prompt_ids"]), tuple(row[name])) for row in rows for name in names}
    return pairs or {tuple(row["prompt_ids"]) for row in rows}


def step(kind, out, model):
    with tempfile.TemporaryDirectory() as folder:
        made = trainer(kind, out, model, folder)
        seen = watched(made)
        made.add_callback(UntilMoved())
        made.train()
    known = written(kind, rows(out, kind))
    found = [pair for inputs in seen for pair in sequences(kind, inputs)]
    assert found and all((pair[0] if kind == "grpo" else pair) in known for pair in found), f"{kind}: other ids than Crux's"
    log = next((entry for entry in made.state.log_history if entry.get("grad_norm", 0) > 0), None)
    assert log, f"{kind}: no gradient"
    return {"trl": kind, "sequences": len(found), "distinct states": len({pair[0] for pair in found}),
            "tokens with a loss": sum(len(pair[1]) for pair in found), "loss": round(log["loss"], 4),
            "gradient": round(log["grad_norm"], 4)}


def main():
    torch.set_num_threads(1)
    out, model, *kinds = sys.argv[1:]
    for kind in kinds or ["dpo", "kto", "sft", "grpo"]:
        print(step(kind, out, model), flush=True)


if __name__ == "__main__":
    main()

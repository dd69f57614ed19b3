#!/bin/sh
# The loop of a person at scale: serve, open the dump, value, mark, export, train, serve the adapter, compare.
#
#   samples/trainers/loop/loop.sh MODEL OUT
#
# MODEL is a Hugging Face folder (`crux export FILE.gguf MODEL` makes one), OUT a new folder. Needs crux, vllm and tmux on
# PATH and a Python with trl 1.16 and peft. VLLM, PYTHON, PORT, PROBLEMS, ANSWERS, ROLLOUTS, STEPS and RATE say otherwise;
# SERVER and TRAINER hold further options of vllm serve and of exact_ids.py. URL names a server that runs already with
# --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=1. On a processor alone:
#   SERVER="--dtype float32 --enforce-eager --max-num-batched-tokens 8192"
#   TRAINER="--use_cpu true --bf16 false --gradient_checkpointing false"
set -eu
here=$(cd "$(dirname "$0")" && pwd)
model=$(cd "$1" && pwd) out=$2
: "${VLLM:=vllm}" "${PYTHON:=python3}" "${PORT:=18200}" "${PROBLEMS:=12}" "${ANSWERS:=4}" "${ROLLOUTS:=8}"
: "${STEPS:=4}" "${RATE:=2e-4}" "${VLLM_API_KEY:=sk-test}"
export VLLM_API_KEY VLLM_ALLOW_RUNTIME_LORA_UPDATING=1 CRUX_RUNS="$out/runs"
mkdir -p "$out/dump/step_1"
out=$(cd "$out" && pwd) CRUX_RUNS=$out/runs
cut="--set steps.minimum_tokens=1 --set sampling.limit=40"

say() { printf '\n== %s\n' "$*"; }

say 1 serve
if [ -z "${URL:-}" ]; then
  URL=http://127.0.0.1:$PORT
  "$VLLM" serve "$model" --served-model-name policy --host 127.0.0.1 --port "$PORT" --max-model-len 1024 \
    --enable-lora --max-lora-rank 16 --logprobs-mode processed_logprobs ${SERVER:-} \
    > "$out/server.log" 2>&1 &
  server=$!
  trap 'kill $server' EXIT
  until curl -sf "$URL/health" > "$out/health"; do
    kill -0 $server || { tail "$out/server.log"; exit 1; }
    sleep 2
  done
fi
name=$(curl -sf -H "Authorization: Bearer $VLLM_API_KEY" "$URL/v1/models" |
  "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["data"][0]["id"])')
echo "$URL serves $name"

say 2 the dump that the trainer left
dump=$out/dump/step_1/traces.jsonl
[ -s "$dump" ] || "$PYTHON" "$here/rollouts.py" "$URL" "$name" "$model" "$PROBLEMS" "$ANSWERS" > "$dump"
crux show trajectories "$dump" --once | head -12

say 3 every step valued on the server
[ -s "$out/values.jsonl" ] ||
  crux inspect "$dump" --model "$model" --server "$URL" --rollouts "$ROLLOUTS" --json $cut > "$out/values.jsonl"
chosen=$("$PYTHON" "$here/steps.py" choose "$out/values.jsonl" "$dump" "$out/one.jsonl")
answer=${chosen% *} step=${chosen#* }
echo "answer $answer, step $step: the value falls most there"

say 4 a person looks and marks
# Where crux open takes a server, the workbench values on it too; else the engine does.
served=$(crux open --help | grep -q -- '--server ' && echo "--server $URL" || true)
screen() { tmux -L crux-loop capture-pane -p -t loop; }
until_shown() {
  for _ in $(seq 600); do screen | grep -q -- "$1" && return; sleep 1; done
  screen; echo "the workbench never showed: $1"; exit 1
}
rm -rf "$out/runs"
tmux -L crux-loop new-session -d -s loop -x 110 -y 34 \
  "crux open '$dump' --model '$model' $served $cut --set values.rollouts=$((ROLLOUTS * 2)) 2> '$out/open.log'"
until_shown ' idle'
[ "$answer" = 1 ] || tmux -L crux-loop send-keys -t loop -N $((answer - 1)) j
tmux -L crux-loop send-keys -t loop Enter
until_shown "› #$answer "
tmux -L crux-loop send-keys -t loop e
until_shown 'A −\|A +'
tmux -L crux-loop send-keys -t loop -l ":step $step"
tmux -L crux-loop send-keys -t loop Enter m
until_shown 'training resets there'
screen
tmux -L crux-loop send-keys -t loop -l ':quit'
tmux -L crux-loop send-keys -t loop Enter
sleep 2

say 5 export
crux export "$out"/runs/* "$out/rows" --for trl-dpo,trl-grpo

say 6 "the trainer: $STEPS steps of DPO, an adapter"
"$PYTHON" "$here/../trl/exact_ids.py" dpo --dataset_name "$out/rows/trl-dpo" --model_name_or_path "$model" \
  --output_dir "$out/adapter" --use_peft true --lora_r 8 --lora_alpha 16 \
  --lora_target_modules q_proj k_proj v_proj o_proj gate_proj up_proj down_proj --max_steps "$STEPS" \
  --per_device_train_batch_size 8 --learning_rate "$RATE" --lr_scheduler_type constant --logging_steps 1 \
  --save_strategy no --report_to none --disable_tqdm true ${TRAINER:-} 2> "$out/trainer.log" | grep grad_norm

say 7 the adapter served, and the same step again
again="crux inspect $out/one.jsonl --model $model --server $URL --rollouts $((ROLLOUTS * 4)) --json $cut"
$again > "$out/before.jsonl"
$again --server-adapter "$out/adapter" > "$out/after.jsonl"
"$PYTHON" "$here/steps.py" compare "$out/before.jsonl" "$out/after.jsonl" "$step"

"""Plain serving, continuous batching and, when it is installed, vLLM: one after the other on one GPU, in rounds.

Each server has the GPU for itself, because continuous batching takes most of the memory that is free. The result says
exactly what ran: versions, flags, the GPU and the model.

    python run.py OUT_FOLDER [--rounds 3] [--clients 1,4,16,64] [--seconds 15] [--only plain,continuous,vllm]
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


def servers(model, port):
    transformers = ["transformers", "serve", model, "--dtype", "bfloat16", "--reasoning", "off"]
    transformers += ["--host", "127.0.0.1", "--port", str(port)]
    return {
        # Without continuous batching all requests go through one thread: one answer after the other.
        "plain": {
            "label": "Transformers serve, sequential (sdpa)",
            "command": [*transformers, "--attn-implementation", "sdpa"],
        },
        "continuous": {
            "label": "Transformers serve, continuous batching (paged|sdpa)",
            "command": [
                *transformers,
                "--attn-implementation",
                "paged|sdpa",
                "--continuous-batching",
                "--cb-max-batch-tokens",
                "8192",
                "--cb-max-memory-percent",
                "0.8",
                "--cb-use-cuda-graph",
            ],
        },
        "vllm": {
            "label": "vLLM",
            "command": ["vllm", "serve", model, "--dtype", "bfloat16", "--host", "127.0.0.1", "--port", str(port)]
            + ["--max-model-len", "4096", "--no-enable-prefix-caching"],
        },
    }


def wait_for(url, process, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}: see its log.")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.5)
    raise RuntimeError(f"The server was not ready within {seconds} s.")


def measure(server, model, url, options, log):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    with open(log, "ab") as output:
        process = subprocess.Popen(
            server["command"], env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_for(url, process, 180)
            drive = [sys.executable, str(HERE / "drive.py"), url, f"{model}/prompts.json", "--model", model]
            drive += ["--clients", options.clients, "--seconds", str(options.seconds)]
            return json.loads(subprocess.run(drive, check=True, capture_output=True, text=True).stdout)
        finally:
            # The whole group that was started here: servers have workers.
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def conditions():
    versions = {}
    for package in ("torch", "transformers", "vllm", "flash_attn", "kernels", "fastapi"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = None
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    gpu = subprocess.run(query, capture_output=True, text=True).stdout.strip() if shutil.which("nvidia-smi") else None
    return {"gpu": gpu, "python": platform.python_version(), "versions": versions, "date": time.strftime("%Y-%m-%d")}


def middle(rounds):
    """The median of each figure over the rounds."""
    first = rounds[0]
    if isinstance(first, dict):
        return {name: middle([one[name] for one in rounds]) for name in first}
    numbers = [one for one in rounds if isinstance(one, (int, float))]
    return statistics.median(numbers) if numbers else first


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--model", type=pathlib.Path, default=pathlib.Path("/tmp/andon-gpu-model"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", default="1,4,16,64")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--only", default="plain,continuous,vllm")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not (options.model / "prompts.json").exists():
        subprocess.run([sys.executable, str(HERE / "make_model.py"), str(options.model)], check=True)
    model, url = str(options.model), f"http://127.0.0.1:{options.port}"
    known = servers(model, options.port)
    wanted = [name for name in options.only.split(",") if name != "vllm" or importlib.util.find_spec("vllm")]
    found = {name: [] for name in wanted}
    failed = {}
    for number in range(options.rounds):
        # Each round begins with another one.
        for name in wanted[number % len(wanted) :] + wanted[: number % len(wanted)]:
            if name in failed:
                continue
            print(f"round {number + 1}: {known[name]['label']}", file=sys.stderr, flush=True)
            try:
                found[name].append(measure(known[name], model, url, options, options.out / f"{name}.log"))
            except (RuntimeError, subprocess.CalledProcessError, json.JSONDecodeError) as error:
                failed[name] = f"{error} {getattr(error, 'stderr', '') or ''}"
            # After each measurement, so that what was measured is kept when the time is over.
            rows = [
                {
                    "name": each,
                    "label": known[each]["label"],
                    "command": known[each]["command"],
                    "rounds": len(rounds),
                    "levels": [middle(list(levels)) for levels in zip(*rounds)] if rounds else [],
                }
                for each, rounds in found.items()
            ]
            result = {
                "name": "gpu",
                "method": "Random weights in the shape of Qwen3-1.7B, bf16; prompts of 512 tokens that share no beginning, "
                "128 tokens of each answer, temperature 0; closed loops; servers one after the other, medians over rounds. "
                "Speed only: random weights say nothing of quality.",
                "conditions": conditions(),
                "rows": rows,
                "failed": failed,
            }
            (options.out / "gpu.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    print(json.dumps({"written": str(options.out / "gpu.json"), "failed": failed}))


main()

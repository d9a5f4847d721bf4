"""Writes a model with random weights in the shape of Qwen3-1.7B, its tokenizer, and prompts of exact lengths.

Speed does not depend on what the weights are, as long as no answer ends early: the rows of the output layer of all tokens
that the tokenizer does not have, and of the end of a text, are zero, so that greedy decoding always writes on.

    python make_model.py FOLDER [--layers 28] [--hidden 2048] [--prompt-tokens 512] [--prompts 512]
"""

import argparse
import json
import pathlib
import random

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

END, PAD = "<|im_end|>", "<pad>"


def tokenizer_of(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=8192,
        special_tokens=[PAD, "<|im_start|>", END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, pad_token=PAD)
    fast.chat_template = (
        "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    return fast


def model_of(tokenizer, layers, hidden):
    config = Qwen3Config(
        vocab_size=151_936,
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 128,
        num_key_value_heads=max(1, hidden // 256),
        head_dim=128,
        max_position_embeddings=32_768,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(0)
    model = Qwen3ForCausalLM(config).to(torch.bfloat16)
    with torch.no_grad():
        model.lm_head.weight[len(tokenizer) :] = 0
        model.lm_head.weight[tokenizer.eos_token_id] = 0
    model.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    return model


def prompts_of(tokenizer, texts, count, tokens):
    """Each begins with words of its own, so that no two share a block of a cache."""
    words = sorted({word for text in texts for word in text.split()})
    drawn = random.Random(0)
    prompts = []
    for _ in range(count):
        text = " ".join(drawn.choices(words, k=tokens))
        ids = tokenizer(text, add_special_tokens=False)["input_ids"][:tokens]
        prompts.append(tokenizer.decode(ids))
    return prompts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--layers", type=int, default=28)
    parser.add_argument("--hidden", type=int, default=2048)
    parser.add_argument("--prompts", type=int, default=512)
    parser.add_argument("--prompt-tokens", type=int, default=512)
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    texts = [path.read_text(encoding="utf-8") for path in sorted(root.glob("*.md"))]
    tokenizer = tokenizer_of(texts)
    model = model_of(tokenizer, options.layers, options.hidden)
    options.folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(options.folder)
    tokenizer.save_pretrained(options.folder)
    prompts = prompts_of(tokenizer, texts, options.prompts, options.prompt_tokens)
    (options.folder / "prompts.json").write_text(json.dumps(prompts), encoding="utf-8")
    parameters = sum(weight.numel() for weight in model.parameters())
    print(json.dumps({"parameters": parameters, "layers": options.layers, "hidden": options.hidden}))


main()

// Writes the smallest models that llama.cpp takes, with random weights: one that talks (488 kB), one that makes vectors
// and one that scores. They mean nothing, and they are run by the same code as real ones. The format is GGUF version 3:
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

import { writeFile } from 'node:fs/promises'
import { seeded } from '../../src/core/random.ts'

/** Numbers per vector of {@link writeBertModel}. */
export const bertDimension = 64

/** A model that talks, with a vocabulary of bytes and the template ChatML. Tokens of its context: 2,048. */
export async function writeLlamaModel(path: string, seed = 1): Promise<void> {
  const [dimension, layers, heads, keyHeads, inner] = [64, 2, 4, 2, 128]
  const headSize = dimension / heads
  const tokens: [text: string, score: number, kind: number][] = [
    ['<unk>', 0, 2],
    ['<s>', 0, 3],
    ['</s>', 0, 3],
    ...Array.from({ length: 256 }, (_, byte): [string, number, number] => {
      return [`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 0, 6]
    }),
    ['<|im_start|>', 0, 3],
    ['<|im_end|>', 0, 3],
    ['▁', -1, 1],
    ...printable.map((character, index): [string, number, number] => [character, -2 - index, 1]),
  ]
  const { random, filled } = weights(seed)
  const tensors = [
    random('token_embd.weight', [dimension, tokens.length], 0.5),
    filled('output_norm.weight', dimension, 1),
    random('output.weight', [dimension, tokens.length], 0.08),
  ]
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string): string => `blk.${layer}.${part}.weight`
    tensors.push(
      filled(name('attn_norm'), dimension, 1),
      random(name('attn_q'), [dimension, dimension]),
      random(name('attn_k'), [dimension, headSize * keyHeads]),
      random(name('attn_v'), [dimension, headSize * keyHeads]),
      random(name('attn_output'), [dimension, dimension]),
      filled(name('ffn_norm'), dimension, 1),
      random(name('ffn_gate'), [dimension, inner]),
      random(name('ffn_up'), [dimension, inner]),
      random(name('ffn_down'), [inner, dimension]),
    )
  }
  const facts: Fact[] = [
    ['general.architecture', 'text', 'llama'],
    ['general.name', 'text', 'tiny-random-llama'],
    ['general.alignment', 'u32', 32],
    ['llama.context_length', 'u32', 2_048],
    ['llama.embedding_length', 'u32', dimension],
    ['llama.block_count', 'u32', layers],
    ['llama.feed_forward_length', 'u32', inner],
    ['llama.attention.head_count', 'u32', heads],
    ['llama.attention.head_count_kv', 'u32', keyHeads],
    ['llama.attention.layer_norm_rms_epsilon', 'f32', 1e-5],
    ['llama.rope.dimension_count', 'u32', headSize],
    ['llama.rope.freq_base', 'f32', 10_000],
    ['llama.vocab_size', 'u32', tokens.length],
    ['tokenizer.ggml.model', 'text', 'llama'],
    ['tokenizer.ggml.pre', 'text', 'default'],
    ['tokenizer.ggml.tokens', 'texts', tokens.map(([text]) => text)],
    ['tokenizer.ggml.scores', 'f32s', tokens.map(([, score]) => score)],
    ['tokenizer.ggml.token_type', 'i32s', tokens.map(([, , kind]) => kind)],
    ['tokenizer.ggml.bos_token_id', 'u32', 1],
    ['tokenizer.ggml.eos_token_id', 'u32', tokens.findIndex(([text]) => text === '<|im_end|>')],
    ['tokenizer.ggml.unknown_token_id', 'u32', 0],
    ['tokenizer.ggml.add_bos_token', 'bool', true],
    ['tokenizer.ggml.add_eos_token', 'bool', false],
    [
      'tokenizer.chat_template',
      'text',
      "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    ],
  ]
  await writeFile(path, gguf(facts, tensors))
}

/** A model that makes vectors, or one that scores texts (`rank`). A text has up to 512 tokens: its characters. */
export async function writeBertModel(path: string, { rank = false, seed = 2 } = {}): Promise<void> {
  const [dimension, layers, heads, inner, longest] = [bertDimension, 2, 4, 128, 512]
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  const tokens = [...special, ...printable.flatMap((character) => [`▁${character}`, character])]
  const { random, filled } = weights(seed)
  const linear = (name: string, from: number, to: number): Tensor[] => [
    random(`${name}.weight`, [from, to]),
    filled(`${name}.bias`, to, 0),
  ]
  const norm = (name: string): Tensor[] => [
    filled(`${name}.weight`, dimension, 1),
    filled(`${name}.bias`, dimension, 0),
  ]
  const tensors = [
    random('token_embd.weight', [dimension, tokens.length], 0.5),
    random('token_types.weight', [dimension, 2]),
    random('position_embd.weight', [dimension, longest]),
    ...norm('token_embd_norm'),
  ]
  for (let layer = 0; layer < layers; layer++) {
    const at = `blk.${layer}.`
    for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_output'])
      tensors.push(...linear(at + part, dimension, dimension))
    tensors.push(
      ...norm(`${at}attn_output_norm`),
      ...linear(`${at}ffn_up`, dimension, inner),
      ...linear(`${at}ffn_down`, inner, dimension),
      ...norm(`${at}layer_output_norm`),
    )
  }
  if (rank) tensors.push(...linear('cls', dimension, dimension), ...linear('cls.output', dimension, 1))
  const facts: Fact[] = [
    ['general.architecture', 'text', 'bert'],
    ['general.name', 'text', rank ? 'tiny-random-reranker' : 'tiny-random-bert'],
    ['bert.context_length', 'u32', longest],
    ['bert.embedding_length', 'u32', dimension],
    ['bert.block_count', 'u32', layers],
    ['bert.feed_forward_length', 'u32', inner],
    ['bert.attention.head_count', 'u32', heads],
    ['bert.attention.layer_norm_epsilon', 'f32', 1e-12],
    ['bert.attention.causal', 'bool', false],
    // 1: the mean of all tokens; 4: one score.
    ['bert.pooling_type', 'u32', rank ? 4 : 1],
    ['tokenizer.ggml.model', 'text', 'bert'],
    ['tokenizer.ggml.pre', 'text', 'default'],
    ['tokenizer.ggml.token_type_count', 'u32', 2],
    ['tokenizer.ggml.tokens', 'texts', tokens],
    ['tokenizer.ggml.token_type', 'i32s', tokens.map((_, index) => (index < special.length ? 3 : 1))],
    ['tokenizer.ggml.padding_token_id', 'u32', 0],
    ['tokenizer.ggml.unknown_token_id', 'u32', 1],
    ['tokenizer.ggml.cls_token_id', 'u32', 2],
    ['tokenizer.ggml.bos_token_id', 'u32', 2],
    ['tokenizer.ggml.eos_token_id', 'u32', 3],
    // As the format spells it.
    ['tokenizer.ggml.seperator_token_id', 'u32', 3],
    ['tokenizer.ggml.mask_token_id', 'u32', 4],
  ]
  await writeFile(path, gguf(facts, tensors))
}

const printable = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index))

interface Tensor {
  name: string
  /** Its sizes, the fastest first. */
  sizes: number[]
  data: Float32Array
}

type Fact =
  | [key: string, kind: 'u32' | 'f32', value: number]
  | [key: string, kind: 'bool', value: boolean]
  | [key: string, kind: 'text', value: string]
  | [key: string, kind: 'texts', value: string[]]
  | [key: string, kind: 'f32s' | 'i32s', value: number[]]

/** Numbers of the types in the format; 9 is an array. */
const types = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8 } as const

/** Data begins at multiples of this. */
const alignment = 32

function gguf(facts: readonly Fact[], tensors: readonly Tensor[]): Buffer {
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(facts.length)]
  for (const fact of facts) head.push(text(fact[0]), ...valueOf(fact))
  let offset = 0
  for (const { name, sizes, data } of tensors) {
    // Type 0 is float32.
    head.push(text(name), u32(sizes.length), ...sizes.map(u64), u32(0), u64(offset))
    offset += aligned(data.byteLength)
  }
  const parts = [padded(Buffer.concat(head))]
  for (const { data } of tensors) parts.push(padded(Buffer.from(data.buffer)))
  return Buffer.concat(parts)
}

function valueOf([, kind, value]: Fact): Buffer[] {
  switch (kind) {
    case 'u32':
      return [u32(types.u32), u32(value)]
    case 'f32':
      return [u32(types.f32), f32(value)]
    case 'bool':
      return [u32(types.bool), Buffer.from([value ? 1 : 0])]
    case 'text':
      return [u32(types.text), text(value)]
    case 'texts':
      return [u32(9), u32(types.text), u64(value.length), ...value.map(text)]
    case 'f32s':
      return [u32(9), u32(types.f32), u64(value.length), ...value.map(f32)]
    case 'i32s':
      return [u32(9), u32(types.i32), u64(value.length), ...value.map(i32)]
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([u64(bytes.length), bytes])
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)])
}

/** Makes tensors: the same seed makes the same ones. */
function weights(seed: number) {
  const uniform = seeded(seed)
  // Box and Muller, for a normal distribution.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return {
    random: (name: string, sizes: number[], deviation = 0.05): Tensor => {
      const length = sizes.reduce((product, size) => product * size, 1)
      return { name, sizes, data: Float32Array.from({ length }, () => normal() * deviation) }
    },
    filled: (name: string, size: number, value: number): Tensor => {
      return { name, sizes: [size], data: new Float32Array(size).fill(value) }
    },
  }
}

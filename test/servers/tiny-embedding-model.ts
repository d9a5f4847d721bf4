// Writes the smallest embedding model there can be: a table of random vectors, one for each known word, as an ONNX
// file made by hand (it is a protocol buffer) with the tokenizer files that belong to it. It means nothing, and it is
// read by the same code as a real one.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Numbers per vector. */
export const tinyDimension = 8

/** Writes the model's folder. Other words than `words` are all the same unknown word to it. */
export async function writeTinyEmbeddingModel(folder: string, words: string[]): Promise<void> {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  const vocabulary = [...special, ...words]
  await mkdir(join(folder, 'onnx'), { recursive: true })
  await writeFile(join(folder, 'onnx', 'model.onnx'), onnxModel(vocabulary.length))
  const files: Record<string, unknown> = {
    'config.json': {
      model_type: 'bert',
      architectures: ['BertModel'],
      hidden_size: tinyDimension,
      vocab_size: vocabulary.length,
    },
    'tokenizer_config.json': {
      tokenizer_class: 'BertTokenizer',
      model_max_length: 64,
      pad_token: '[PAD]',
      unk_token: '[UNK]',
    },
    'tokenizer.json': {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special.map((content, id) => ({
        id,
        content,
        special: true,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      })),
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      },
    },
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content))
}

/** A graph of one node: last_hidden_state = Gather(table, input_ids). Field numbers are those of onnx.proto. */
function onnxModel(words: number): Buffer {
  const table = Float32Array.from({ length: words * tinyDimension }, (_, index) => random(index))
  const initializer = Buffer.concat([
    number(1, words),
    number(1, tinyDimension),
    number(2, float),
    text(8, 'table'),
    bytes(9, Buffer.from(table.buffer)),
  ])
  const node = Buffer.concat([text(1, 'table'), text(1, 'input_ids'), text(2, 'last_hidden_state'), text(4, 'Gather')])
  const graph = Buffer.concat([
    bytes(1, node),
    text(2, 'tiny'),
    bytes(5, initializer),
    bytes(11, value('input_ids', integer, ['batch', 'length'])),
    bytes(11, value('attention_mask', integer, ['batch', 'length'])),
    bytes(12, value('last_hidden_state', float, ['batch', 'length', tinyDimension])),
  ])
  const operators = Buffer.concat([text(1, ''), number(2, 13)])
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, operators)])
}

const float = 1
const integer = 7

function value(name: string, type: number, shape: (string | number)[]): Buffer {
  const dimensions = shape.map((size) => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size)))
  const tensor = Buffer.concat([number(1, type), bytes(2, Buffer.concat(dimensions))])
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))])
}

/** From −1 to 1, the same every time. */
function random(index: number): number {
  const mixed = Math.imul(index + 1, 2_654_435_761) >>> 0
  return ((mixed ^ (mixed >>> 13)) % 2_000) / 1_000 - 1
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([variable(field * 8), variable(value)])
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value))
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([variable(field * 8 + 2), variable(value.length), value])
}

/** Seven bits at a time, the lowest first. */
function variable(value: number): Buffer {
  const parts: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...parts, rest])
    parts.push((rest % 128) + 128)
  }
}

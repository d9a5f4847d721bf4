// Chinese words: jieba's segmentation, and its dictionary as a set of the two- and three-character words that may
// stand inside a longer one. Loading takes about 0.2 s and happens when the first Chinese text is analysed.

import { createRequire } from 'node:module'
import type { Jieba } from '@node-rs/jieba'

const require = createRequire(import.meta.url)
let segmenter: Jieba | undefined
let words: Float64Array | undefined
const mask = (1 << 19) - 1

/** The words of a Chinese text in order; joined again they are the text. */
export function cutChinese(text: string): string[] {
  segmenter ??= loadSegmenter()
  return segmenter.cut(text, true)
}

/** Whether the dictionary holds the word of these two or three code units (`third` 0: of two). */
export function isChineseWord(first: number, second: number, third: number): boolean {
  words ??= readShortWords(dictionary())
  const key = keyOf(first, second, third)
  for (let slot = slotOf(first, second, third); ; slot = (slot + 1) & mask) {
    const held = words[slot]
    if (held === key) return true
    if (held === 0) return false
  }
}

function loadSegmenter(): Jieba {
  const library: typeof import('@node-rs/jieba') = require('@node-rs/jieba')
  return library.Jieba.withDict(dictionary())
}

function dictionary(): Uint8Array {
  const library: typeof import('@node-rs/jieba/dict.js') = require('@node-rs/jieba/dict.js')
  return library.dict
}

function keyOf(first: number, second: number, third: number): number {
  return (first * 65_536 + second) * 65_536 + third
}

function slotOf(first: number, second: number, third: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 15)) & mask
}

/**
 * An open-addressed set of the dictionary's words of two and three characters (about 290,000, so just over half of the
 * slots). The dictionary is lines of `word frequency tag` in UTF-8, where every such character takes three bytes.
 */
function readShortWords(bytes: Uint8Array): Float64Array {
  const set = new Float64Array(mask + 1)
  let lineStart = 0
  while (lineStart < bytes.length) {
    let wordEnd = lineStart
    while (wordEnd < bytes.length && bytes[wordEnd] !== 0x20 && bytes[wordEnd] !== 0x0a) wordEnd++
    const length = wordEnd - lineStart
    if ((length === 6 || length === 9) && isThreeByte(bytes, lineStart, length)) {
      const first = codeAt(bytes, lineStart)
      const second = codeAt(bytes, lineStart + 3)
      const third = length === 9 ? codeAt(bytes, lineStart + 6) : 0
      const key = keyOf(first, second, third)
      let slot = slotOf(first, second, third)
      while (set[slot] !== 0 && set[slot] !== key) slot = (slot + 1) & mask
      set[slot] = key
    }
    while (wordEnd < bytes.length && bytes[wordEnd] !== 0x0a) wordEnd++
    lineStart = wordEnd + 1
  }
  return set
}

function isThreeByte(bytes: Uint8Array, start: number, length: number): boolean {
  for (let index = start; index < start + length; index += 3) if (((bytes[index] ?? 0) & 0xf0) !== 0xe0) return false
  return true
}

function codeAt(bytes: Uint8Array, index: number): number {
  const byte = (offset: number) => bytes[index + offset] ?? 0
  return ((byte(0) & 0x0f) << 12) | ((byte(1) & 0x3f) << 6) | (byte(2) & 0x3f)
}

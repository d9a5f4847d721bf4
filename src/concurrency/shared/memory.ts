// The memory behind what threads share: one SharedArrayBuffer for each thing, whose first word says what it is, so that
// the memory of one kind cannot be taken for another's.

import { AndonError } from '../../core/errors.ts'

/** Words of shared memory. */
export type Words = Int32Array<SharedArrayBuffer>

/** The kinds, and the first word of each: "An", the version of the layout, and a number. */
const tags = { lock: 0x416e_0101, semaphore: 0x416e_0102, event: 0x416e_0103, channel: 0x416e_0104 } as const

/** What a memory can be. */
export type Kind = keyof typeof tags

/** Words in front of what a kind keeps. */
export const headWords = 1

/** New memory of a kind, with so many words after its head, all zero. */
export function allocate(kind: Kind, words: number, bytes = 0): Words {
  const memory = new SharedArrayBuffer((headWords + words) * Int32Array.BYTES_PER_ELEMENT + bytes)
  const all = wordsOf(memory)
  all[0] = tags[kind]
  return all
}

/** The words of memory that another thread sent. Throws `invalid` when it is not of the kind. */
export function attach(kind: Kind, memory: SharedArrayBuffer): Words {
  const words =
    memory instanceof SharedArrayBuffer && memory.byteLength >= Int32Array.BYTES_PER_ELEMENT
      ? wordsOf(memory)
      : undefined
  if (words?.[0] === tags[kind]) return words
  throw new AndonError('invalid', `This is not the memory of a shared ${kind}: pass on what its \`memory\` is`)
}

function wordsOf(memory: SharedArrayBuffer): Words {
  return new Int32Array(memory, 0, Math.floor(memory.byteLength / Int32Array.BYTES_PER_ELEMENT))
}

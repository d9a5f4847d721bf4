// Ids that sort by when they were made: 48 bits of time and 80 random bits in Crockford's base 32, lower case.

import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** A new id, such as `doc_01jd9xq6v3r8t5m2k7w4n0b1ch`. Two made in the same millisecond sort by chance. */
export function newId(prefix: 'doc' | 'job', now: number = Date.now()): string {
  let time = ''
  for (let rest = now, digit = 0; digit < 10; digit++, rest = Math.floor(rest / 32)) {
    time = alphabet.charAt(rest % 32) + time
  }
  let chance = ''
  for (const byte of randomBytes(16)) chance += alphabet.charAt(byte & 31)
  return `${prefix}_${time}${chance}`
}

// Makes typos as fingers make them, the same for the same seed: for measuring what they cost.

import { seeded } from '../harness.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'

/**
 * The text with `count` slips (default 2), each in another Latin word of five letters or more: two neighbouring letters
 * exchanged, one left out, one doubled, or one replaced. The first letter stays. Texts with fewer such words get fewer.
 */
export function withTypos(text: string, seed: number, count = 2): string {
  const random = seeded(seed)
  const words = Array.from(text.matchAll(/[A-Za-z]{5,}/g), (match) => ({ word: match[0], at: match.index }))
  const chosen: typeof words = []
  while (chosen.length < count && words.length > 0) chosen.push(...words.splice(Math.floor(random() * words.length), 1))
  chosen.sort((left, right) => right.at - left.at)
  let result = text
  for (const { word, at } of chosen) result = result.slice(0, at) + slip(word, random) + result.slice(at + word.length)
  return result
}

function slip(word: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (word.length - 2))
  const before = word.slice(0, at)
  const letter = word.charAt(at)
  const after = word.slice(at + 1)
  switch (Math.floor(random() * 4)) {
    case 0:
      return before + after.charAt(0) + letter + after.slice(1)
    case 1:
      return before + after
    case 2:
      return before + letter + letter + after
    default:
      return before + letters.charAt(Math.floor(random() * letters.length)) + after
  }
}

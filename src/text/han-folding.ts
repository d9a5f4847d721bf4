// Traditional Chinese as Simplified, character by character, so that a question in one script finds a text in the
// other and offsets stay where they are. OpenCC's dictionary is loaded when the first Chinese character is met.

import { createRequire } from 'node:module'

interface ChineseConverter {
  Converter(options: { from: 't'; to: 'cn' }): (text: string) => string
}

const require = createRequire(import.meta.url)
let convert: ((text: string) => string) | undefined
const known = new Map<string, string>()

/** Chinese of the basic plane, compatibility ideographs, and the first halves of ideographs beyond it. */
const hanRuns = /[\u3400-\u9fff\uf900-\ufaff]|[\ud840-\ud888][\udc00-\udfff]/g

/** One character (one or two code units) as Simplified Chinese; itself when it has no form of the same length. */
export function foldHanCharacter(character: string): string {
  const before = known.get(character)
  if (before !== undefined) return before
  convert ??= loadConverter()
  let folded = convert(character)
  if (folded.length !== character.length) folded = character
  if (known.size > 60_000) known.clear()
  known.set(character, folded)
  return folded
}

/** The text with Traditional characters as Simplified ones: same length, everything else untouched. */
export function foldHan(text: string): string {
  return text.replace(hanRuns, foldHanCharacter)
}

function loadConverter(): (text: string) => string {
  const library: ChineseConverter = require('opencc-js/t2cn')
  return library.Converter({ from: 't', to: 'cn' })
}

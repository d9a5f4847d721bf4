// How lines of one paragraph come together again.

/** Characters that are written without spaces between them: Han, kana, and their punctuation; not Hangul. */
const unspaced =
  /[\u2E80-\u303F\u3040-\u30FF\u3100-\u312F\u31A0-\u31BF\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\u{20000}-\u{3FFFF}]/u

/** Whether the text between `before` and `after` needs no space, as in Chinese and Japanese. */
export function joinsWithoutSpace(before: string, after: string): boolean {
  return unspaced.test(lastCharacter(before)) && unspaced.test(firstCharacter(after))
}

function firstCharacter(text: string): string {
  const point = text.codePointAt(0)
  return point === undefined ? '' : String.fromCodePoint(point)
}

/** A character beyond the first 65,536 takes two units, the second of which is of a kind of its own. */
function lastCharacter(text: string): string {
  return /[\uDC00-\uDFFF]$/.test(text) ? text.slice(-2) : text.slice(-1)
}

/** Soft line breaks become spaces, or nothing between Chinese or Japanese characters. */
export function unwrap(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  let joined = lines[0] ?? ''
  for (const line of lines.slice(1)) joined += joinsWithoutSpace(joined, line) ? line : ` ${line}`
  return joined
}

/** Lines that are not blank, joined. */
export function joinLines(lines: string[], by: string): string {
  return lines.filter((line) => line !== '').join(by)
}

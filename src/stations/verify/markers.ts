// Finds citation markers in text as it streams: [1], [2][3], [1, 2], [1-3], [^1], 【1】, [Source 2]. What may become one
// is held back until it is complete, so that the tokens are the same however the text was cut. Code is left alone.

/** A piece of the stream. Text and white space may come in any number of tokens; a marker and code come whole. */
export type StreamToken =
  | { kind: 'text'; text: string }
  | { kind: 'space'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'marker'; numbers: number[] }

const opening = /[[【［`]/
const list = '\\^?\\d{1,3}(?:\\s*(?:[,，、;；&–-]|and)\\s*\\^?\\d{1,3})*'
const word =
  '(?:(?:source|passage|document|doc|ref|reference|citation|来源|來源|段落|文档|文檔|资料|資料)s?\\s*)?#?\\s*'
/** Also 【3†source】, as some models write. */
const marker = new RegExp(`^[[【［]\\s*${word}(${list})\\s*(?:†[^\\]】］]*)?[\\]】］]`, 'i')
/** A bracket without its end. Nothing longer than this is a marker. */
const longestMarker = 60
const openMarker = new RegExp(`^[[【［][^\\]】］\\n]{0,${longestMarker}}$`)
/** Code in a line is not longer than this. */
const longestCode = 300
const inlineCode = new RegExp(`^(\`{1,3})[^\`\\n](?:[^\\n]{0,${longestCode}}?[^\`\\n])??\\1(?!\`)`)
/** Backticks that are not closed yet: longer than any code, so that code is found however the text is cut. */
const openCode = new RegExp(`^\`{1,3}(?:[^\`\\n][^\\n]{0,${longestCode + 8}})?$`)

/** Cuts streamed text into tokens. */
export class MarkerScanner {
  #held = ''
  /** Inside a fenced block of code. */
  #fenced = false
  /** Only white space since the last line break. */
  #lineStart = true

  /** The tokens that are certain after this piece of text. */
  push(text: string): StreamToken[] {
    this.#held += text
    return this.#scan(false)
  }

  /** The rest, when the stream has ended. */
  end(): StreamToken[] {
    return this.#scan(true)
  }

  #scan(ended: boolean): StreamToken[] {
    const tokens: StreamToken[] = []
    let rest = this.#held
    const take = (token: StreamToken, length: number): void => {
      tokens.push(token)
      const taken = rest.slice(0, length)
      this.#lineStart = taken.includes('\n') ? /\n\s*$/.test(taken) : this.#lineStart && taken.trim() === ''
      rest = rest.slice(length)
    }
    while (rest !== '') {
      if (this.#fenced) {
        const end = rest.indexOf('\n') + 1 || (ended ? rest.length : 0)
        if (end === 0) break
        const line = rest.slice(0, end)
        if (/^\s*```/.test(line)) this.#fenced = false
        take({ kind: 'code', text: line }, end)
        continue
      }
      const space = /^\s+/.exec(rest)
      if (space) {
        take({ kind: 'space', text: space[0] }, space[0].length)
        continue
      }
      if (this.#lineStart && !ended && (rest === '`' || rest === '``')) break
      if (this.#lineStart && rest.startsWith('```')) {
        this.#fenced = true
        const end = rest.indexOf('\n') + 1 || (ended ? rest.length : 0)
        if (end === 0) {
          this.#fenced = false
          break
        }
        take({ kind: 'code', text: rest.slice(0, end) }, end)
        continue
      }
      if (rest.startsWith('`')) {
        const code = inlineCode.exec(rest)
        // The closing backticks are known to be all when something else follows.
        if (code && (ended || code[0].length < rest.length)) take({ kind: 'code', text: code[0] }, code[0].length)
        else if (!ended && openCode.test(rest)) break
        else {
          const run = /^`+/.exec(rest)?.[0] ?? '`'
          take({ kind: 'text', text: run }, run.length)
        }
        continue
      }
      if (opening.test(rest.charAt(0))) {
        const found = marker.exec(rest)
        if (found && found[0].length <= longestMarker + 2 && !found[0].includes('\n'))
          take({ kind: 'marker', numbers: numbersOf(found[1] ?? '') }, found[0].length)
        else if (!ended && openMarker.test(rest)) break
        else take({ kind: 'text', text: rest.charAt(0) }, 1)
        continue
      }
      const length = /^[^\s[【［`]+/.exec(rest)?.[0].length ?? 1
      take({ kind: 'text', text: rest.slice(0, length) }, length)
    }
    this.#held = rest
    return tokens
  }
}

/** The numbers of a marker, ranges written out (of at most ten), each once. */
function numbersOf(text: string): number[] {
  const numbers = new Set<number>()
  for (const [, from, to] of text.matchAll(/(\d+)(?:\s*[–-]\s*\^?(\d+))?/g)) {
    const first = Number(from)
    const last = to === undefined ? first : Number(to)
    if (last < first || last - first > 9) {
      numbers.add(first).add(last)
      continue
    }
    for (let number = first; number <= last; number++) numbers.add(number)
  }
  return [...numbers]
}

// A seeded text that a regular expression matches as a whole: literals, classes, groups, alternatives and repetition.
// What looks around or back is refused with a sentence.

import { AndonError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { oneOf } from '../random.ts'
import { readClass, readEscaped } from './regex-class.ts'

/** Makes a text for a part of the expression. */
type Part = (draw: Draw) => string

interface Draw {
  random: Random
  /** Parts that may still be made. */
  left: number
}

const longestPattern = 2_000
const mostParts = 20_000
/** How often at most more than the least, where the expression leaves it open. */
const more = 6

/** A text that the whole of the expression matches. Throws `invalid` for one that it cannot do. */
export function sampleRegex(pattern: string, random: Random): string {
  if (pattern.length > longestPattern) throw refusal(pattern, `it is longer than ${longestPattern} characters`)
  return new Reader(pattern).whole()({ random, left: mostParts })
}

class Reader {
  readonly #pattern: string
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  whole(): Part {
    const part = this.#alternatives(true)
    if (this.#at < this.#pattern.length) throw this.#refused(`of ${this.#rest()}`)
    return part
  }

  #alternatives(outermost: boolean): Part {
    const all: [Part, ...Part[]] = [this.#sequence(outermost)]
    while (this.#took('|')) all.push(this.#sequence(outermost))
    return (draw) => oneOf(all, draw.random)(draw)
  }

  #sequence(outermost: boolean): Part {
    const parts: Part[] = []
    // As a whole it begins and ends there anyway.
    if (outermost) this.#took('^')
    const end = outermost ? /^(?:[|)]|\$(?:\||$)|$)/ : /^(?:[|)]|$)/
    while (!end.test(this.#rest())) parts.push(this.#repeated())
    this.#took('$')
    return (draw) => {
      let text = ''
      for (const part of parts) text += part(draw)
      return text
    }
  }

  #repeated(): Part {
    const part = this.#atom()
    const match = /^(?:([*+?])|\{(\d*)(,?)(\d*)\})/.exec(this.#rest())
    if (!match || match[0] === '{}' || match[0] === '{,}') return part
    this.#at += match[0].length
    const [, sign, low = '', comma = '', high = ''] = match
    const least = sign === undefined ? Number(low) : sign === '+' ? 1 : 0
    const given = sign === '?' ? 1 : sign === undefined && comma === '' ? least : high === '' ? Infinity : Number(high)
    if (given < least) throw this.#refused(`of ${match[0]}`)
    if (this.#took('+')) throw this.#refused('of possessive repetition')
    this.#took('?')
    if (/^\{\d*,?\d*\}/.test(this.#rest())) throw this.#refused(`of ${this.#rest()}`)
    const most = Math.min(given, least + more)
    return (draw) => {
      const times = least + Math.floor(draw.random() * (most - least + 1))
      let text = ''
      for (let done = 0; done < times; done++) {
        if (draw.left-- <= 0) throw this.#refused(`it repeats more than ${mostParts} times`)
        text += part(draw)
      }
      return text
    }
  }

  #atom(): Part {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0)
    if (character === '(') return this.#group()
    if (/[*+?^$]/.test(character)) throw this.#refused(`of ${this.#rest()}`)
    const read =
      character === '['
        ? readClass(this.#pattern, this.#at)
        : character === '\\' || character === '.'
          ? readEscaped(this.#pattern, this.#at)
          : undefined
    if (character === '[' || character === '\\' || character === '.') {
      if (read === undefined) throw this.#refused(`of ${this.#rest()}`)
      this.#at = read.end
      return ({ random }) => read.draw(random)
    }
    this.#at += character.length
    return () => character
  }

  #group(): Part {
    const opening = /^\((?:\?:|\?P?<[A-Za-z_]\w*>|(?!\?))/.exec(this.#rest())
    if (!opening) throw this.#refused(`of ${this.#rest()}`)
    this.#at += opening[0].length
    const part = this.#alternatives(false)
    if (!this.#took(')')) throw this.#refused('a group does not end')
    return part
  }

  #took(character: string): boolean {
    if (this.#pattern[this.#at] !== character) return false
    this.#at++
    return true
  }

  #rest(): string {
    return this.#pattern.slice(this.#at)
  }

  #refused(why: string): AndonError {
    return refusal(this.#pattern, why)
  }
}

function refusal(pattern: string, why: string): AndonError {
  const shown = pattern.length > 100 ? `${pattern.slice(0, 97)}...` : pattern
  return new AndonError(
    'invalid',
    `The simulated engine cannot answer by the regular expression ${shown}, because ${why}: it knows literals, classes, groups, alternatives and repetition.`,
  )
}

// Keeps planted text from turning an answer into a way out. An address that a document made the model invent can carry
// what the model knows to whoever wrote the document; one that stands in a passage word for word can carry nothing.
// So: images become their description, links become their text, and addresses that no passage holds are taken out.

/** A link or an image of Markdown that is not finished yet is held back up to here, in characters. */
const longestHeld = 2_048

/** A finished image or link at the beginning of a text: mark, words, address. */
const markdown =
  /^(!?)\[((?:[^[\]\\]|\\.|\[[^[\]]*\])*)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+["'(][^\n]*?["')])?\s*\)/
/** The beginning of something that may become one; a citation like `[1]` is over with its bracket. */
const unfinished = /^!?\[(?:[^[\]\n]|\[[^[\]\n]*\])*(?:\](?:\([^)]*)?)?$/
const address = /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.|data:|javascript:)[^\s<>"'`)\]}，。；！？、）】]*/i
const anyAddress = /(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)[^\s<>"'`)\]}]*/gi
/** A word that may become an address with what comes next. */
const openWord = /^[a-z][a-z0-9+.-]{0,20}(?::\/{0,2})?$/i

export class LinkFilter {
  /** Links, images and addresses that were taken out. */
  removed = 0
  #known: string
  #held = ''

  /** `sources`: the passages and the question; an address that stands in them may stay. */
  constructor(sources: string[]) {
    this.#known = sources.join('\n')
  }

  /** Adds a source. Addresses that stand in `besides`, which the model wrote itself, are no part of it. */
  know(source: string, besides: string): void {
    const written = besides.match(anyAddress) ?? []
    this.#known += `\n${written.reduce((text, url) => text.replaceAll(url, ''), source)}`
  }

  /** The part of the answer that is decided, without what must not be in it. */
  push(text: string): string {
    this.#held += text
    return this.#decide(false)
  }

  /** What is left when the answer has ended. */
  end(): string {
    return this.#decide(true)
  }

  #decide(ended: boolean): string {
    let out = ''
    const text = this.#held
    let at = 0
    while (at < text.length) {
      const stop = next(text, at)
      out += text.slice(at, stop)
      at = stop
      if (at === text.length) break
      const rest = text.slice(at)
      const found = markdown.exec(rest)
      if (found !== null) {
        out += this.#link(found[1] === '!', found[2] ?? '', found[3] ?? '')
        at += found[0].length
        continue
      }
      const url = address.exec(rest)?.[0]
      const waits = !ended && rest.length < longestHeld
      if (url !== undefined) {
        if (waits && url.length === rest.length) break
        // What is longer than any honest address is one all the same.
        out += this.#address(url)
        at += url.length
        continue
      }
      if (waits && (unfinished.test(rest) || rest === '!' || (startsWord(text, at) && openWord.test(rest)))) break
      // The whole word at once, or one sign: nothing to look at in it.
      const word = /^[a-z][a-z0-9+.-]*/i.exec(rest)?.[0]
      const length = word?.length ?? 1
      out += rest.slice(0, length)
      at += length
    }
    this.#held = text.slice(at)
    return out
  }

  #link(image: boolean, words: string, target: string): string {
    // A citation that the model made a link of is still a citation.
    if (!image && /^\d{1,3}$/.test(words)) {
      this.removed++
      return `[${words}]`
    }
    if (!image && this.#holds(target)) return words.includes(target) ? words : `${words} (${target})`
    this.removed++
    // The words may hold an address, or an image, themselves.
    const inner = new LinkFilter([this.#known])
    const clean = inner.push(words) + inner.end()
    this.removed += inner.removed
    return clean
  }

  #address(url: string): string {
    const bare = url.replace(/[.,;:!?*_~]+$/, '')
    if (this.#holds(bare)) return url
    this.removed++
    return `[…]${url.slice(bare.length)}`
  }

  /** Word for word, and whole: no beginning of a longer address, and nothing added to it. */
  #holds(target: string): boolean {
    if (target === '' || /^(data|javascript):/i.test(target)) return false
    for (let at = this.#known.indexOf(target); at !== -1; at = this.#known.indexOf(target, at + 1)) {
      const after = this.#known.slice(at + target.length, at + target.length + 2)
      if (!/^(?:[\w/%=&#-]|[?.]\w)/.test(after)) return true
    }
    return false
  }
}

/** Where something may begin that has to be looked at: a bracket, an exclamation mark before one, or a word. */
function next(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (sign === '[' || sign === '!') return at
    if (sign !== undefined && /[a-z]/i.test(sign) && startsWord(text, at)) return at
  }
  return text.length
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || !/[a-z0-9+.-]/i.test(text[at - 1] ?? '')
}

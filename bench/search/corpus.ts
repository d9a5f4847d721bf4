// A synthetic corpus: passages of about 120 words (70 % English by Zipf's law, 30 % Chinese) with vectors of 384
// dimensions drawn from clusters, and questions near passages. All of it follows from the seed.

import { seeded } from '../harness.ts'

export const dimensions = 384
const clusters = 2_000
const latent = 64
const vocabulary = 50_000
const hanWords = 20_000

const syllables =
  'ba be bi bo bu da de di do du fa fe fi ga ge go ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi wa we za ze zi'.split(
    ' ',
  )
const consonants = ['', 'n', 'r', 's', 't', 'l', 'm', 'x']

function englishWord(rank: number): string {
  let word = ''
  for (let rest = rank + 1; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length]
  return word + (consonants[rank % consonants.length] ?? '')
}

/** Two characters out of the 2,500 that follow U+4E00: not words of any dictionary, as names and terms are not. */
function hanWord(rank: number): string {
  const random = seeded(rank + 1)
  return String.fromCharCode(0x4e00 + Math.floor(random() * 2_500), 0x4e00 + Math.floor(random() * 2_500))
}

/** A rank by Zipf's law with exponent 1 over `size` words. */
function zipf(random: () => number, size: number): number {
  return Math.min(size - 1, Math.floor(Math.exp(random() * Math.log(size + 1))) - 1)
}

export class Corpus {
  readonly size: number
  readonly #english = Array.from({ length: vocabulary }, (_, rank) => englishWord(rank))
  readonly #han = Array.from({ length: hanWords }, (_, rank) => hanWord(rank))
  readonly #projection: Float32Array
  readonly #centres: Float32Array

  constructor(size: number) {
    this.size = size
    const random = gaussian(seeded(7))
    this.#projection = Float32Array.from({ length: latent * dimensions }, () => random())
    this.#centres = Float32Array.from({ length: clusters * latent }, () => random())
  }

  /** The passage's text; its first word names it, so that an embedder can find its vector. */
  text(at: number): string {
    const random = seeded(at * 2 + 1)
    const words = [nameOf(at)]
    // At least this long, so that no two of them fit into one passage of 1,000 characters.
    for (let length = 0; length < 560; length = words.join(' ').length) {
      const chinese = random() < 0.3
      const count = 12 + Math.floor(random() * 6)
      if (chinese) {
        let text = ''
        for (let word = 0; word < count; word++) text += this.#han[zipf(random, hanWords)]
        words.push(`${text}。`)
      } else {
        for (let word = 0; word < count; word++) words.push(this.#english[zipf(random, vocabulary)] ?? '')
        words.push(`${words.pop()}.`)
      }
    }
    return words.join(' ')
  }

  vector(at: number): Float32Array {
    return this.#draw(at % clusters, seeded(at * 2 + 2), 0.55)
  }

  /** A question near the passage `at`: its vector disturbed, and three of its words. */
  question(at: number): { text: string; vector: Float32Array } {
    const words = this.text(at).split(/\s+/).slice(1)
    const random = seeded(at + 99_991)
    const picked = Array.from({ length: 3 }, () => words[Math.floor(random() * words.length)] ?? '')
    const base = this.vector(at)
    const noise = gaussian(seeded(at + 77_777))
    return {
      text: picked.map((word) => word.replace(/[.。]$/, '').slice(0, 12)).join(' '),
      vector: normalise(base.map((value) => value + noise() * 0.02)),
    }
  }

  #draw(cluster: number, source: () => number, spread: number): Float32Array {
    const random = gaussian(source)
    const point = new Float32Array(latent)
    for (let axis = 0; axis < latent; axis++)
      point[axis] = (this.#centres[cluster * latent + axis] ?? 0) + random() * spread
    const vector = new Float32Array(dimensions)
    for (let axis = 0; axis < latent; axis++) {
      const weight = point[axis] ?? 0
      for (let d = 0; d < dimensions; d++)
        vector[d] = (vector[d] ?? 0) + weight * (this.#projection[axis * dimensions + d] ?? 0)
    }
    return normalise(vector)
  }
}

/** The word that names a passage. */
export function nameOf(at: number): string {
  return `passage${String(at).padStart(7, '0')}`
}

/** Which passage a text is, by its name; undefined for other texts. */
export function indexOf(text: string): number | undefined {
  const found = /passage(\d{7})/.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

function normalise(vector: Float32Array): Float32Array {
  let sum = 0
  for (const value of vector) sum += value * value
  const scale = 1 / Math.sqrt(sum || 1)
  return vector.map((value) => value * scale)
}

/** Box–Muller over a uniform source. */
function gaussian(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

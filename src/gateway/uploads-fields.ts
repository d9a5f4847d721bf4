// The fields of a form, and which files they apply to: collection and metadata to all behind them, the others to the
// next one only. A problem with a field is a problem of these files.

import { AndonError } from '../core/errors.ts'
import type { DocumentSource } from '../core/factory.ts'
import { metadataOf } from './uploads-metadata.ts'

const forAll = ['collection', 'metadata']
const forOne = ['title', 'name', 'path']

export class FormFields {
  #all: Pick<DocumentSource, 'collection' | 'metadata'> = {}
  #next: { title?: string; name?: string } = {}
  /** Problems by field; of one that applies to all files until it is given again. */
  readonly #problems = new Map<string, AndonError>()
  /** Fields since the last file. */
  #since: string[] = []

  /** Whether the next file was given a name. */
  get named(): boolean {
    return this.#next.name !== undefined
  }

  /** Takes a field in. A value that was too long to be read is undefined. */
  take(field: string, value: unknown): void {
    this.#since.push(field)
    this.#problems.delete(field)
    try {
      this.#set(field, value)
    } catch (reason) {
      this.#problems.set(field, AndonError.from(reason))
    }
  }

  /** What applies to the next file, and the problem there is with it. */
  forNext(): Pick<DocumentSource, 'collection' | 'metadata' | 'title' | 'name'> & { problem?: AndonError } {
    const [problem] = this.#problems.values()
    const about = { ...this.#all, ...this.#next, ...(problem ? { problem } : {}) }
    for (const field of forOne) this.#problems.delete(field)
    this.#next = {}
    this.#since = []
    return about
  }

  /** Problems of fields that no file came behind. */
  left(): AndonError[] {
    return this.#since.map(
      (field) =>
        new AndonError(
          'invalid',
          `The field ${shown(field)} came behind the last file and changed nothing. Send fields before the files.`,
        ),
    )
  }

  #set(field: string, value: unknown): void {
    if (!forAll.includes(field) && !forOne.includes(field))
      throw new AndonError('invalid', `${shown(field)}: no such field here. Use ${[...forAll, ...forOne].join(', ')}.`)
    if (value === undefined) throw new AndonError('too-large', `The field ${field} is too long. Send less in it.`)
    if (field === 'metadata') {
      this.#all = { ...this.#all, metadata: metadataOf(value) }
      return
    }
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (field === 'collection') this.#all = { ...this.#all, collection: text }
    else if (field === 'title') this.#next = { ...this.#next, title: text }
    else this.#next = { ...this.#next, name: text }
  }
}

function shown(field: string): string {
  return JSON.stringify(field.slice(0, 60))
}

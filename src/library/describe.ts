// What may be said about a document: its name, title, collection and metadata, checked before anything is kept.

import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import { isPlainObject } from '../requests.ts'

const nameLimit = 1_024
/** Characters of the metadata as JSON. */
const metadataLimit = 16 * 1024
/** Deeper metadata is a document, and can be added as one. */
const metadataDepth = 16

/**
 * Characters that are not shown, or that show the ones around them in another order: a name with them would look like
 * another one. Half surrogate pairs are none of Unicode's characters at all.
 */
const unshown = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

/**
 * The name as it is kept: NFC, slashes for backslashes, from no root and no drive, without white space around it.
 * Throws `invalid` for one that cannot be shown or that points out of its folder.
 */
export function checkedName(name: string | undefined): string {
  if (name === undefined || name.trim() === '')
    throw new AndonError('invalid', 'A document given as text or bytes needs a name: it is how it is listed and cited')
  if (name.length > nameLimit)
    throw new AndonError(
      'invalid',
      `The name ${shown(name)} has ${name.length} characters; at most ${nameLimit} are kept`,
    )
  if (unshown.test(name))
    throw new AndonError('invalid', `The name ${shown(name)} has control characters: give it a name that can be shown`)
  const slashed = name.normalize('NFC').replaceAll('\\', '/').trim()
  if (slashed.split('/').some((part) => part.trim() === '..'))
    throw new AndonError(
      'invalid',
      `The name ${shown(name)} points out of its folder with «..»: give the name without it`,
    )
  const tidy = slashed.replace(/^(?:[a-zA-Z]:)?\/+/, '').replace(/^(?:\.\/+)+/, '')
  if (/^[./\s]*$/.test(tidy))
    throw new AndonError('invalid', `The name ${shown(name)} says nothing: give it one with letters or digits`)
  return tidy
}

/** The title, if it says anything. Throws `invalid` for one that cannot be shown. */
export function checkedTitle(title: string | undefined, name: string): string | undefined {
  if (title === undefined) return undefined
  if (unshown.test(title))
    throw new AndonError('invalid', `The title ${shown(title)} of ${name} has control characters: leave them out`)
  return title.trim() === '' ? undefined : title.trim()
}

/** The name of a collection. It is part of a model's name too, so that it is kept simple. */
export function checkedCollection(collection: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u.test(collection))
    throw new AndonError(
      'invalid',
      `The collection ${shown(collection)} is no name: use up to 100 letters, digits, dots, dashes and underscores`,
    )
  return collection
}

/** The metadata: plain values only, so that what is kept is what was given. */
export function checkedMetadata(metadata: Record<string, Plain>, name: string): Record<string, Plain> {
  checkPlain(metadata, 'metadata', 1, name)
  const size = JSON.stringify(metadata).length
  if (size > metadataLimit)
    throw new AndonError(
      'too-large',
      `The metadata of ${name} has ${size} characters as JSON; at most ${metadataLimit} are kept`,
    )
  return metadata
}

function checkPlain(value: unknown, path: string, depth: number, name: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  const isList = Array.isArray(value)
  if (!isList && !isPlainObject(value))
    throw new AndonError(
      'invalid',
      `${shortened(path)} of ${name} is ${typeof value === 'number' ? value : `of type ${typeof value}`}: give texts, finite numbers, true, false, null, and lists and objects of those`,
    )
  if (depth > metadataDepth)
    throw new AndonError(
      'invalid',
      `The metadata of ${name} is nested deeper than ${metadataDepth} levels: flatten it, or add it as a document`,
    )
  for (const [key, part] of Object.entries(value)) {
    if (key === '__proto__')
      throw new AndonError('invalid', `The metadata of ${name} has the key __proto__: call it something else`)
    checkPlain(part, isList ? `${path}[${key}]` : `${path}.${key}`, depth + 1, name)
  }
}

function shown(text: string): string {
  return JSON.stringify(shortened(text))
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

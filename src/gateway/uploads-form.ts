// Reads a form with files: one file after the other goes through, nothing of any is held in memory, and each that is
// not taken is told by name beside those that were.

import type { FastifyMultipartOptions, Multipart } from '@fastify/multipart'
import { AndonError } from '../core/errors.ts'
import type { DocumentSource } from '../core/factory.ts'
import { FormFields } from './uploads-fields.ts'

/** Files of one form. */
export const mostFiles = 100

/** Characters of one field. Metadata is the longest of them. */
const longestField = 64 * 1024

/** How forms are read. */
export function uploadLimits(maxBytes: number): FastifyMultipartOptions {
  return {
    // Which file is too large is told where it is taken in; this only ends it.
    throwFileSizeLimit: false,
    // The folders of an upload are part of the names of its files.
    preservePath: true,
    limits: {
      fileSize: maxBytes + 1,
      files: mostFiles,
      fields: mostFiles * 6,
      parts: mostFiles * 7,
      fieldSize: longestField,
      headerPairs: 50,
    },
  }
}

/** A file that was not taken, and why. */
export interface NotTaken {
  name: string
  problem: string
}

/** What came of the files of a form. */
export interface FormReply<T> {
  added: T[]
  failed?: NotTaken[]
}

/** Takes in the files of a form. Throws the first problem when none was taken. */
export async function addFiles<T>(
  parts: AsyncIterable<Multipart>,
  add: (source: DocumentSource) => Promise<T>,
): Promise<FormReply<T>> {
  const added: T[] = []
  const failed: { name: string; error: AndonError }[] = []
  const fields = new FormFields()
  try {
    for await (const part of parts) {
      if (part.type === 'field') {
        fields.take(part.fieldname, part.valueTruncated ? undefined : part.value)
        continue
      }
      const { file } = part
      let name = part.filename ?? ''
      try {
        // A form without a chosen file sends one without a name.
        if (name === '' && !fields.named) throw new AndonError('invalid', noFile)
        const { problem, ...about } = fields.forNext()
        name = about.name ?? name
        if (problem) throw problem
        // Leaving the file early must not break the form off: the files behind it are still to come.
        added.push(await add({ ...about, name, bytes: file.iterator({ destroyOnReturn: false }) }))
      } catch (reason) {
        // The form broke off in this file: so it did for all.
        if (file.errored) throw file.errored
        failed.push({ name, error: AndonError.from(reason) })
      }
      file.resume()
    }
    for (const error of fields.left()) failed.push({ name: '', error })
  } catch (reason) {
    if (added.length === 0 && failed.length === 0) throw unreadable(reason)
    failed.push({ name: '', error: unreadable(reason) })
  }
  const [first] = failed
  if (added.length > 0) return first ? { added, failed: failed.map(toTell) } : { added }
  if (!first) throw new AndonError('invalid', noFile)
  if (failed.length === 1) throw first.error
  const problems = failed.map(({ name, error }) => (name === '' ? error.sentence : `${name}: ${error.sentence}`))
  throw new AndonError(first.error.code, `None of the files was taken. ${problems[0] ?? ''}`, { detail: { problems } })
}

const noFile = 'There is no file in the form. Send at least one, like curl -F file=@notes.md does.'

function toTell({ name, error }: { name: string; error: AndonError }): NotTaken {
  return { name, problem: error.sentence }
}

/** What the reader of forms threw, in Andon's words. */
function unreadable(reason: unknown): AndonError {
  if (reason instanceof AndonError) return reason
  const code = reason instanceof Error && 'code' in reason ? reason.code : undefined
  switch (code) {
    case 'FST_FILES_LIMIT':
      return new AndonError('too-large', `The form has more than ${mostFiles} files. Send the others in another.`)
    case 'FST_PARTS_LIMIT':
    case 'FST_FIELDS_LIMIT':
      return new AndonError('too-large', 'The form has too many fields. Send fewer files in one.')
    case 'FST_MP_PREMATURE_CLOSE':
    case 'ECONNRESET':
      return new AndonError('cancelled', 'The upload broke off before its end.')
    case 'FST_PROTO_VIOLATION':
      return new AndonError(
        'invalid',
        'The form has a field with the name of a JavaScript property. Call it something else.',
      )
    default:
      return new AndonError(
        'invalid',
        `The form cannot be read: ${AndonError.from(reason).sentence}. Let curl -F or a browser write it.`,
        { cause: reason },
      )
  }
}

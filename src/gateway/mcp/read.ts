// The tool `read`: the text of a document, or what stands around a span of it.

import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import { count } from '../replies-parts.ts'
import { ownTool } from './own-tool.ts'

/** Characters of one reading. */
const most = 50_000
const usual = 10_000

const offset = z.int().min(0)

const input = z.strictObject({
  document: z.string().min(1).max(200).describe('The id of a document: of a citation, a passage or list_documents.'),
  start: offset.optional().describe('Where to begin, in UTF-16 units. Default 0.'),
  end: offset.optional().describe(`Where to end. Default ${usual} characters on; at most ${most}.`),
  around: offset
    .max(20_000)
    .optional()
    .describe(`Characters to show before start and behind end, which are then marked by highlight. Default 0.`),
})

const span = z.strictObject({ start: count, end: count })

const output = z.strictObject({
  document: z.string(),
  name: z.string(),
  title: z.string(),
  text: z.string(),
  start: count.describe('Where the text begins in the whole text.'),
  end: count,
  length: count.describe('Of the whole text.'),
  highlight: span.exactOptional().describe('The span that was asked for, within the text of this reply.'),
  next: count.exactOptional().describe('The start of what follows.'),
})

/** The tool `read`. */
export const readTool = ownTool({
  name: 'read',
  title: 'Read a document',
  description:
    'Reads the stored text of a document, page by page, or the place of a citation with what stands around it.',
  scope: 'ask',
  input,
  output,
  async run({ document, start = 0, end = start + usual, around }, { factory, caller }) {
    if (end < start) throw new AndonError('invalid', `end is ${end}: it must not be before start, which is ${start}.`)
    const [from, to] = [Math.max(0, start - (around ?? 0)), end + (around ?? 0)]
    if (to - from > most)
      throw new AndonError('too-large', `These are ${to - from} characters: read at most ${most} at once.`)
    const read = await factory.read(document, { start: from, end: to }, caller)
    const { name, title } = read.document
    const marked = { start: clamp(start, read) - read.start, end: clamp(end, read) - read.start }
    return {
      text: read.text === '' ? `(There is no text at ${start}: it has ${read.length} characters.)` : read.text,
      value: {
        document,
        name,
        title,
        text: read.text,
        start: read.start,
        end: read.end,
        length: read.length,
        ...(around === undefined ? {} : { highlight: marked }),
        ...(read.end < read.length ? { next: read.end } : {}),
      },
    }
  },
})

function clamp(place: number, { start, end }: { start: number; end: number }): number {
  return Math.min(Math.max(place, start), end)
}

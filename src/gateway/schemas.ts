// What the door accepts, as zod schemas, and how a wrong request is told what is wrong with it.

import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { clientToolSchema, toolChoiceSchema, toolNames } from './tool-schemas.ts'

/** Longest question, in UTF-16 units. */
export const longestQuestion = 8000

const name = z.string().min(1).max(1000)
const scalar = z.union([z.string().max(1000), z.number(), z.boolean()])

/** A question of at most {@link longestQuestion} characters that holds more than white space. */
export const questionText = z
  .string()
  .refine((text) => text.trim() !== '', 'is empty: ask something')
  .refine(
    (text) => text.length <= longestQuestion,
    `is longer than ${longestQuestion} characters: shorten it, or add the material as a document`,
  )

const id = z.string().min(1).max(200)

/** Limits a question to some of the caller's documents. */
export const filterSchema = z.strictObject({
  collections: z.array(name).max(100).optional(),
  documents: z.array(name).max(1000).optional(),
  metadata: z.record(name, z.union([scalar, z.array(scalar).max(100)])).optional(),
})

/** What a conversation is called: by whoever began it. */
export const sessionId = z
  .string()
  .max(200)
  .refine((id) => id.trim() !== '', 'is empty: leave it out, or give the conversation an id')
  // Ids are compared as UTF-8, where all halves of a pair are one and the same character.
  .refine((id) => id.isWellFormed() && !id.includes('\0'), 'has characters that no text has: use letters and digits')

/** What a question of our own protocols says of tools. */
export const toolFields = {
  tools: z
    .union([z.boolean(), toolNames], 'must be true, false, or a list of names')
    .optional()
    .describe("Andon's tools that the model may call: all (`true`), those named, or none. Default: by the options"),
  client_tools: z
    .array(clientToolSchema)
    .max(128)
    .optional()
    .describe('Tools of the caller: a call of one ends the answer with `toolCalls`'),
  tool_choice: toolChoiceSchema.optional(),
  parallel_tool_calls: z.boolean().optional().describe('Whether the model may call several at once. Default true'),
}

/** Body of POST /v1/ask. */
export const askSchema = z.strictObject({
  question: questionText,
  session_id: sessionId.optional(),
  filter: filterSchema.optional(),
  passages: z.int().min(1).max(50).optional(),
  budget_ms: z.int().min(1).max(3_600_000).optional(),
  mode: z.enum(['auto', 'extractive']).optional(),
  resumable: z
    .boolean()
    .optional()
    .describe('Whether the answer goes on when its reader leaves, to be read again at /v1/answers/{id}/events'),
  retry_of: id.optional().describe('Id of an answer of the same session that this one is another version of'),
  cache: z
    .boolean()
    .optional()
    .describe('False asks the model anew, whatever is kept, as the header `cache-control: no-cache` does'),
  ...toolFields,
  tool_results: z
    .array(z.strictObject({ call_id: id, content: z.string() }))
    .max(128)
    .optional()
    .describe('What came of the `toolCalls` of the last answer of the session: the same question, asked again'),
})

/** Body of POST /v1/search. */
export const searchSchema = z
  .strictObject({
    text: questionText.optional(),
    query: questionText.optional().describe('Another name of text'),
    filter: filterSchema.optional(),
    k: z.int().min(1).max(1000).optional().describe('How many passages. Default 10'),
    rerank: z.boolean().optional().describe('Whether what was found is ordered by the reranker. Default true'),
    by: z.enum(['both', 'words', 'vectors']).optional(),
  })
  .refine(({ text, query }) => (text === undefined) !== (query === undefined), 'needs text or query, and not both')

/** Problems that one message tells: who sent more has a fault that shows in these. */
const mostProblems = 10

/** The body, checked. `whole` is what the value is called in messages about all of it. Throws an AndonError `invalid` that says what is wrong with each field. */
export function checked<Schema extends z.ZodType>(schema: Schema, body: unknown, whole = 'The body'): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const problems = issues.slice(0, mostProblems).map((issue) => sentenceOf(issue, body, whole))
  if (issues.length > mostProblems) problems.push(`There are ${issues.length - mostProblems} more problems like these.`)
  throw new AndonError('invalid', problems.join(' '), { detail: { problems } })
}

function sentenceOf(issue: z.core.$ZodIssue, body: unknown, whole: string): string {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const fields = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`))
    return `${fields.map((field) => shortened(field)).join(', ')}: no such field here.`
  }
  if (path === '') return issue.code === 'custom' ? `${whole} ${issue.message}.` : `${whole} must be a JSON object.`
  const value = valueAt(body, issue.path)
  // A union that says itself what it takes.
  if (issue.code === 'invalid_union' && issue.message !== 'Invalid input') return `${shortened(path)} ${issue.message}.`
  if (issue.code === 'invalid_union')
    return `${path} must be a string, a number, true or false, or a list of those, not ${shown(value)}.`
  const not = value === undefined ? '' : `, not ${shown(value)}`
  const phrases: [RegExp, (...found: string[]) => string][] = [
    [/^Invalid input: expected int.*$/, () => `must be a whole number${not}`],
    [/^Invalid input: expected number, received number$/, () => `must be a finite number${not}`],
    [/^Invalid input: expected (\w+), received undefined$/, (_, type) => `is missing: give a ${type}`],
    [/^Invalid input: expected (\w+), received (\w+)$/, (_, type, given) => `must be of type ${type}, not ${given}`],
    [/^Invalid option: expected one of (.*)$/, (_, choices = '') => `must be ${choices.replaceAll('|', ' or ')}${not}`],
    [/^Too small: expected array to have >=(\d+) items?$/, (_, least) => `needs at least ${least} entry`],
    [
      /^Too big: expected array to have <=(\d+) items?$/,
      (_, most) => `has ${lengthOf(value)} entries: at most ${most}`,
    ],
    [/^Too small: expected string to have >=1 characters?$/, () => 'is empty'],
    [
      /^Too big: expected string to have <=(\d+) characters?$/,
      (_, most) => `has ${lengthOf(value)} characters: at most ${most}`,
    ],
    [/^Too small: expected \w+ to be >=(\S+)$/, (_, least) => `must be at least ${least}${not}`],
    [/^Too big: expected \w+ to be <=(\S+)$/, (_, most) => `must be at most ${most}${not}`],
  ]
  const phrase = phrases.find(([pattern]) => pattern.test(issue.message))
  const message = phrase ? issue.message.replace(...phrase) : issue.message
  const missing = issue.code === 'invalid_value' && value === undefined
  return missing ? `${shortened(path)} is missing: it ${message}.` : `${shortened(path)} ${message}.`
}

/** A value as it was sent, as far as a sentence has room for it. */
function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return shortened(JSON.stringify(value) ?? `a ${typeof value}`)
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0
}

function valueAt(value: unknown, path: PropertyKey[]): unknown {
  let here = value
  for (const key of path) here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined
  return here
}

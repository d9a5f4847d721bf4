// Reads workloads from files: requests of one's own, questions for a RAG run, and traces of when which lengths came.

import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { OwnRequest } from './workload.ts'

/** A larger file is no list of prompts. */
const mostBytes = 256 * 1024 * 1024

const message = z.object({ role: z.string().min(1), content: z.string() })
const ownLine = z
  .object({
    prompt: z.string().min(1).optional(),
    question: z.string().min(1).optional(),
    messages: z.array(message).min(1).optional(),
    max_tokens: z.int().min(1).optional(),
    output_tokens: z.int().min(1).optional(),
  })
  .refine(
    ({ prompt, question, messages }) => [prompt, question, messages].filter((each) => each !== undefined).length === 1,
    'needs one of prompt, question and messages',
  )

/** One line of a trace: when, in milliseconds from its first line, and the lengths in tokens. */
export interface TraceLine {
  atMs: number
  input: number
  output: number
}

// The fields of the Mooncake traces, which vLLM, AIPerf and GuideLLM read too.
const traceLine = z.object({
  timestamp: z.number().min(0),
  input_length: z.int().min(1),
  output_length: z.int().min(1),
})

/**
 * Requests from a file of JSON lines: `{"prompt": …}`, `{"question": …}` or `{"messages": […]}`, and if wanted
 * `max_tokens`. A line that is no JSON object is a prompt as it stands. Throws `invalid` with the line's number.
 */
export async function readRequests(path: string): Promise<OwnRequest[]> {
  const lines = await readLines(path)
  return lines.map(({ text, number }) => {
    if (!text.startsWith('{')) return { messages: [{ role: 'user', content: text }] }
    const line = parsedLine(ownLine, text, path, number)
    const maxTokens = line.max_tokens ?? line.output_tokens
    return {
      messages: line.messages ?? [{ role: 'user', content: line.prompt ?? line.question ?? '' }],
      ...(maxTokens === undefined ? {} : { maxTokens }),
    }
  })
}

/** A trace from a file of JSON lines `{"timestamp": ms, "input_length": n, "output_length": n}`, sorted by time. */
export async function readTrace(path: string): Promise<TraceLine[]> {
  const lines = await readLines(path)
  const trace = lines.map(({ text, number }) => parsedLine(traceLine, text, path, number))
  const first = trace.reduce((least, { timestamp }) => Math.min(least, timestamp), Infinity)
  return trace
    .map(({ timestamp, input_length: input, output_length: output }) => ({ atMs: timestamp - first, input, output }))
    .sort((one, other) => one.atMs - other.atMs)
}

async function readLines(path: string): Promise<{ text: string; number: number }[]> {
  const lines = (await textOf(path))
    .split(/\r?\n/)
    .map((line, at) => ({ text: line.trim(), number: at + 1 }))
    .filter((line) => line.text !== '')
  if (lines.length === 0) throw new AndonError('invalid', `${path} is empty: give one request on each line.`)
  return lines
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > mostBytes)
      throw new AndonError('too-large', `${path} has ${size} bytes: a workload may have ${mostBytes}.`)
    return await readFile(path, 'utf8')
  } catch (reason) {
    if (reason instanceof AndonError) throw reason
    const code = reason instanceof Error && 'code' in reason ? reason.code : undefined
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : AndonError.from(reason).sentence
    throw new AndonError('invalid', `${path} cannot be read: ${why}. Give a file with one request on each line.`, {
      cause: reason,
    })
  }
}

function parsedLine<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  path: string,
  number: number,
): z.output<Schema> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new AndonError('invalid', `${path}, line ${number}, is no JSON.`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AndonError(
    'invalid',
    `${path}, line ${number}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}.`,
  )
}

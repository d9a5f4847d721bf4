// Wrong requests in OpenAI's format. Errors come in OpenAI's shape.

import type { Row } from './house.ts'
import { json } from './request-rows.ts'
import type { Sent } from './wire.ts'

/** A chat request and its answer: `code` as OpenAI's clients read it, undefined where an answer comes. */
export interface ChatRow extends Row {
  status: number
  code?: string
  says: readonly string[]
  sent: Sent
}

const path = '/v1/chat/completions'
const question = { role: 'user', content: 'When does the lighthouse open?' }

function row(status: number, code: string, given: string, sent: Sent, says: readonly string[]): ChatRow {
  return { given, gets: `${status} ${code}`, status, code, sent, says }
}

function chat(given: string, body: unknown, says: readonly string[], status = 400, code = 'invalid'): ChatRow {
  return row(status, code, given, { path, headers: json, body: JSON.stringify(body) }, says)
}

function messages(given: string, list: unknown, says: readonly string[]): ChatRow {
  return chat(given, { model: 'andon', messages: list }, says)
}

function answered(given: string, fields: object): ChatRow {
  const sent = { path, headers: json, body: JSON.stringify({ model: 'andon', messages: [question], ...fields }) }
  return { given, gets: '200 with an answer', status: 200, sent, says: ['half past nine'] }
}

export const chatRows: ChatRow[] = [
  chat('a chat without messages', { model: 'andon' }, ['messages is missing']),
  messages('a chat of no messages', [], ['messages needs at least 1 entry']),
  messages('messages that are a text', 'When?', ['messages must be of type array, not string']),
  messages('messages that are texts', ['When?'], ['messages.0 must be of type object, not string']),
  messages('a message without a role', [{ content: 'When?' }], ['messages.0.role is missing', '"user"']),
  messages(
    'a message of a role there is not',
    [{ role: 'oracle', content: 'When?' }],
    ['messages.0.role must be', 'not "oracle"'],
  ),
  messages('a message without content', [{ role: 'user' }], ['The last message is empty']),
  messages('a message whose content is null', [{ role: 'user', content: null }], ['The last message is empty']),
  messages('a message whose content is a number', [{ role: 'user', content: 5 }], ['messages.0.content must be text']),
  messages('an empty last message', [{ role: 'user', content: ' ' }], ['The last message is empty']),
  messages(
    'a last message of 8,001 characters',
    [{ role: 'user', content: 'x'.repeat(8_001) }],
    ['The last message is longer than 8000 characters', 'shorten it'],
  ),
  messages(
    'a picture',
    [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] }],
    ['messages.0.content must be text', 'parts of type text'],
  ),
  messages(
    'a sound',
    [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }],
    ['messages.0.content must be text'],
  ),
  messages(
    'a chat that ends with the assistant',
    [question, { role: 'assistant', content: 'At nine.' }],
    ['The last message has the role assistant', "user's question"],
  ),
  messages(
    'a chat of system messages only',
    [{ role: 'system', content: 'Be brief.' }],
    ['The last message has the role system'],
  ),
  messages(
    '1,001 messages',
    Array.from({ length: 1_001 }, () => question),
    ['messages has 1001 entries', 'at most 1000'],
  ),
  messages(
    'a thousand broken messages',
    Array.from({ length: 1_000 }, () => 5),
    ['messages.0 must be of type object', 'more problems like these'],
  ),
  chat(
    'a model there is not',
    { model: 'gpt-99', messages: [question] },
    ['"gpt-99"', 'GET /v1/models'],
    404,
    'model_not_found',
  ),
  chat(
    'a collection there is not',
    { model: 'andon/nowhere', messages: [question] },
    ['"andon/nowhere"', 'GET /v1/models'],
    404,
    'model_not_found',
  ),
  chat(
    'a model that climbs out',
    { model: 'andon/../default', messages: [question] },
    ['"andon/../default"'],
    404,
    'model_not_found',
  ),
  chat('a model that is a number', { model: 4, messages: [question] }, ['model must be of type string, not number']),
  chat('two answers at once (`n` of 2)', { model: 'andon', messages: [question], n: 2 }, ['n is not 1', 'one answer']),
  chat('`stream` as a text', { model: 'andon', messages: [question], stream: 'yes' }, [
    'stream must be of type boolean, not string',
  ]),
  chat('a field that OpenAI does not have', { model: 'andon', messages: [question], speed: 1 }, [
    'speed: no such field',
  ]),
  row(400, 'invalid', 'a chat that is no JSON', { path, headers: json, body: '{' }, ['not valid JSON']),
  row(400, 'invalid', 'a chat without a body', { path, headers: json }, ['body is empty']),
  row(
    413,
    'too_large',
    'a chat over 1 MB',
    { path, headers: json, body: JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }] }) },
    ['larger than 1 MiB'],
  ),
  row(
    415,
    'unsupported',
    'a chat of another content type',
    { path, headers: { 'content-type': 'text/plain' }, body: '{}' },
    ['application/json'],
  ),
  row(405, 'unsupported', 'a chat by GET', { method: 'GET', path }, ['does not take GET', 'Use POST']),
  row(404, 'model_not_found', 'GET of a model there is not', { method: 'GET', path: '/v1/models/gpt-99' }, [
    '"gpt-99"',
  ]),
  answered('1,000 messages', {
    messages: Array.from({ length: 1_000 }, (_, at) =>
      at % 2 === 1 ? question : { role: 'assistant', content: 'Yes.' },
    ),
  }),
  answered('wishes that are not followed (temperature, tools)', {
    temperature: 'hot',
    tools: [{ type: 'function' }],
    seed: -1,
  }),
  answered('no model', { model: undefined }),
]

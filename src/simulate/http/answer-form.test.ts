import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { openSimulatedEngine } from '../index.ts'

const schema = { type: 'object', properties: { city: { type: 'string', pattern: '^[A-Z][a-z]+$' }, days: { type: 'integer', minimum: 1, maximum: 14 } }, required: ['city', 'days'], additionalProperties: false } // prettier-ignore
const allows = new Ajv2020().compile(schema)

/** What one engine says to each body, at both of its addresses. */
async function asked(bodies: readonly object[]): Promise<{ status: number; text: string; message: string }[]> {
  await using engine = await openSimulatedEngine()
  const told = []
  for (const [path, prompt] of [
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Which city?' }] }],
    ['/v1/completions', { prompt: 'Which city?', max_tokens: 200 }],
  ] as const)
    for (const body of bodies) {
      const reply = await fetch(engine.url + path, { method: 'POST', body: JSON.stringify({ ...prompt, ...body }) })
      const said = (await reply.json()) as {
        choices?: [{ text?: string; message?: { content: string } }]
        error?: { message: string }
      }
      const [choice] = said.choices ?? []
      told.push({
        status: reply.status,
        text: choice?.text ?? choice?.message?.content ?? '',
        message: said.error?.message ?? '',
      })
    }
  return told
}

test('a JSON Schema is kept, by whichever field it is demanded', async () => {
  const told = await asked([
    { response_format: { type: 'json_schema', json_schema: { name: 'trip', strict: true, schema } } },
    { structured_outputs: { json: schema } },
    { structured_outputs: { json: JSON.stringify(schema) } },
    { guided_json: schema, min_tokens: 100 },
  ])
  assert.equal(told.length, 8)
  for (const { text } of told) assert.ok(allows(JSON.parse(text)), text)
})

test('an object of JSON, a choice and a regular expression are kept too', async () => {
  const told = await asked([
    { response_format: { type: 'json_object' } },
    { structured_outputs: { json_object: true } },
    { structured_outputs: { choice: ['Graz', 'Linz'] } },
    { guided_choice: ['Graz', 'Linz'] },
    { structured_outputs: { regex: '(Graz|Linz), \\d{1,2} days' } },
    { guided_regex: '(Graz|Linz), \\d{1,2} days' },
    { response_format: { type: 'text' }, structured_outputs: null, guided_json: null },
  ])
  for (const [at, { status, text }] of told.entries()) {
    assert.equal(status, 200)
    if (at % 7 < 2) assert.equal(typeof (JSON.parse(text) as object), 'object')
    else if (at % 7 < 4) assert.match(text, /^(Graz|Linz)$/)
    else if (at % 7 < 6) assert.match(text, /^(Graz|Linz), \d{1,2} days$/)
    else assert.notEqual(text, '')
  }
})

test('a form that nothing can be said in is refused with the field that demands it', async () => {
  const refused: [object, RegExp][] = [
    [{ structured_outputs: { grammar: 'root ::= "a"' } }, /no answer for structured_outputs\.grammar/],
    [{ guided_grammar: 'root ::= "a"' }, /no answer for guided_grammar/],
    [{ structured_outputs: { structural_tag: '{}' } }, /no answer for structured_outputs\.structural_tag/],
    [{ response_format: { type: 'structural_tag' } }, /knows text, json_object and json_schema/],
    [{ response_format: { type: 'json_schema', json_schema: { name: 'trip' } } }, /json_schema\.schema/],
    [{ structured_outputs: { regex: '(?=a)a' } }, /regular expression \(\?=a\)a/],
    [{ structured_outputs: { json: '{' } }, /structured_outputs\.json is a text that is no JSON/],
    [{ guided_json: [1] }, /guided_json is no JSON Schema/],
    [{ guided_json: { type: 'nonsense' } }, /The JSON Schema of guided_json cannot be used/],
    [{ structured_outputs: { choice: [] } }, /structured_outputs\.choice/],
    [{ guided_choice: ['a'], guided_regex: 'a' }, /2 forms of its answer at once/],
  ]
  const told = await asked(refused.map(([body]) => body))
  assert.equal(told.length, 2 * refused.length)
  for (const [at, { status, message }] of told.entries()) {
    assert.equal(status, 400, message)
    assert.match(message, refused[at % refused.length]?.[1] ?? /$^/)
  }
})

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { openCaching } from '../caching.ts'
import { openCall } from '../core/call.ts'
import { seeded } from '../core/random.ts'
import type { ChatModel, ChatRequest } from '../models/model.ts'
import { parseOptions } from '../parse-options.ts'
import { LinkFilter } from '../stations/generate/links.ts'
import { buildPrompt } from '../stations/generate/prompt.ts'
import { rememberAnswers } from './remembered.ts'

/** Texts that tell one request from another, each in three ways. */
const texts = [
  ['a', 'b', 'ab'],
  ['big', 'small', 'big '],
  ['Why?', 'Why not?', 'why?'],
  ['', 'Be brief.', 'Be brief'],
] as const

const tool = { name: 'a', parameters: {} }
/** And settings. */
const settings: readonly (readonly Partial<ChatRequest>[])[] = [
  [{}, { maxTokens: 10 }, { maxTokens: 100 }],
  [{}, { temperature: 0 }, { temperature: 1 }],
  [{}, { json: true }, { json: false }],
  [{}, { reasoning: 'off' }, { reasoning: 'low' }],
  [{}, { seed: 1 }, { seed: 2 }],
  [{}, { stop: ['.'] }, { stop: ['.', '!'] }],
  [{}, { tools: [{ ...tool, description: 'b' }] }, { tools: [{ ...tool, description: 'c' }] }],
  [{}, { toolChoice: 'none' }, { toolChoice: 'required' }],
]

it('two requests share an answer only where tenant, model and all that is shown and set are the same', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-remembered-'))
  const options = parseOptions({ dataDir: folder.path })
  await using caching = await openCaching(options)
  using remembered = rememberAnswers(caching, options)
  assert.ok(remembered)
  const random = seeded(5)
  const known = new Map<string, string>()
  let asked = 0
  let repeated = 0
  const places = [...texts, ...settings].map(() => 0)
  for (let round = 0; round < 250; round++) {
    // Near the one before: one or two things differ, or nothing.
    for (let change = Math.floor(random() * 3); change > 0; change--)
      places[Math.floor(random() * places.length)] = Math.floor(random() * 3)
    const [tenant = '', name = '', question = '', system = ''] = texts.map((ways, at) => ways[places[at] ?? 0] ?? '')
    const model: ChatModel = {
      name,
      async *chat() {
        yield { type: 'text-delta', text: `Answer ${++asked}` }
        yield { type: 'finish', reason: 'stop' }
      },
    }
    const prompt = buildPrompt({ question, passages: [] })
    const request = settings.reduce<ChatRequest>(
      (before, ways, at) => ({ ...before, ...ways[places[texts.length + at] ?? 0] }),
      { messages: [...prompt.messages, { role: 'system', content: system }] },
    )
    const telling = { question, passages: [], prompt, links: new LinkFilter([]), number: 1, gap: '', attempt: 1 }
    using call = openCall({ tenant })
    let text = ''
    const before = asked
    for await (const event of remembered.asking()(model, request, telling, call))
      if (event.type === 'text-delta') text += event.text
    const same = places.join(' ')
    const expected = known.get(same)
    if (expected !== undefined) repeated++
    assert.equal(asked, before + (expected === undefined ? 1 : 0), same)
    assert.equal(text, expected ?? `Answer ${asked}`, same)
    known.set(same, text)
  }
  assert.ok(repeated > 20, `${repeated} were asked again`)
})

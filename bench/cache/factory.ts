// The factory's own caches: the same documents are embedded once, the same question is asked once, and what changed is
// never answered from before.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { AnswerEnd } from '../../src/core/question.ts'
import type { DocumentSource, Factory } from '../../src/core/factory.ts'
import { addWhole, asked, openLibrary } from '../../test/journeys/library.ts'
import { ModelServer } from '../../test/servers/model-server.ts'
import { atMost, round, seeded } from '../harness.ts'
import { hostMs, type Found, type Stage } from './scenario.ts'

const chat = '/v1/chat/completions'

/** Loads the same documents in a second data directory of the same Redis, and again where they were removed. */
export async function embedOnce(stage: Stage): Promise<Found> {
  await using server = await ModelServer.start()
  const sent = (): number =>
    server
      .bodies<{ input: string | string[] }>('/v1/embeddings')
      .reduce((sum, { input }) => sum + (typeof input === 'string' ? 1 : input.length), 0)
  const documents = Array.from({ length: stage.many(40) }, (_, at) => guide(at))
  const options = {
    embedder: { kind: 'openai', url: server.baseUrl, model: `model ${process.pid}` },
    cache: { redisUrl: stage.url },
  } as const
  const load = async (factory: Factory): Promise<number> => {
    const began = hostMs()
    await Promise.all(documents.map((each) => addWhole(factory, each)))
    while ((await factory.list({ limit: 1_000 })).some(({ vectorsMissing }) => vectorsMissing !== 0)) await pause(20)
    return hostMs() - began
  }
  await using first = await openLibrary([], options)
  const firstMs = await load(first)
  const embedded = sent()
  await using second = await openLibrary([], options)
  const secondMs = await load(second)
  const elsewhere = sent() - embedded
  for (const { id } of await first.list({ limit: 1_000 })) await first.remove(id)
  await load(first)
  return {
    rows: [
      {
        scenario: 'the same documents, embedded',
        documents: documents.length,
        textsFirst: embedded,
        textsInAnotherDataDirectory: elsewhere,
        textsAfterRemoving: sent() - embedded - elsewhere,
        loadedFirstMs: round(firstMs),
        loadedAgainMs: round(secondMs),
      },
    ],
    gates: [atMost('factory: texts sent to the embedder for documents that were loaded before', sent() - embedded, 0)],
  }
}

/** Four processes, each with a data directory of its own, ask the same question at once. */
export async function askOnce({ url, rounds }: Stage): Promise<Found> {
  const answer = 'The finance director approves it [1].'
  await using model = await ModelServer.start({ chat: () => ({ text: answer, firstTokenMs: 100, tokenMs: 20 }) })
  const options = { models: { baseUrl: model.baseUrl, model: `model ${process.pid}` }, cache: { redisUrl: url } }
  const program = new URL('../../test/journeys/asking-process.fixture.ts', import.meta.url)
  const children = Array.from({ length: 4 }, () => fork(program, [JSON.stringify(options)]))
  await Promise.all(children.map((child) => once(child, 'message')))
  const asks: number[] = []
  let different = 0
  for (let each = 0; each < Math.max(3, rounds); each++) {
    const before = model.count(chat)
    const ends = children.map((child) => once(child, 'message'))
    for (const child of children) child.send(`Who approves travel over ${each + 1},500 euros?`)
    const answers = (await Promise.all(ends)).map(([end]) => end as AnswerEnd)
    asks.push(model.count(chat) - before)
    different += answers.filter(({ text, mode }) => text !== answers[0]?.text || mode !== 'generated').length
  }
  for (const child of children) child.disconnect()
  await Promise.all(children.map((child) => once(child, 'exit')))
  return {
    rows: [
      {
        scenario: 'one question, four processes at once',
        rounds: asks.length,
        asksWorst: Math.max(...asks),
        different,
      },
    ],
    gates: [
      atMost('factory: requests to the model for one question of four processes at once, worst', Math.max(...asks), 1),
      atMost('factory: processes that heard another answer or none of the model', different, 0),
    ],
  }
}

/** Asks while a document changes, in an order that chance decides; the model says what its prompt says. */
export async function neverOld(stage: Stage): Promise<Found> {
  const random = seeded(11)
  await using model = await ModelServer.start({
    chat({ messages }) {
      const limit = /hotel limit is (\d+) euros/u.exec(messages.at(-1)?.content ?? '')?.[1] ?? 'unknown'
      return { text: `The hotel limit is ${limit} euros [1].`, firstTokenMs: random() * 10 }
    },
  })
  const models = { baseUrl: model.baseUrl, model: `model ${process.pid}` }
  const rule = (limit: number): DocumentSource => ({
    name: 'hotels.md',
    text: `# Hotels\n\nThe hotel limit is ${limit} euros a night.\n`,
  })
  await using factory = await openLibrary([rule(100)], { models, cache: { redisUrl: stage.url } })
  const rounds = stage.many(200)
  let [current, newest, asksOfFactory, cached, old] = [100, 100, 0, 0, 0]
  const ask = async (): Promise<void> => {
    // What held when it was asked, or came while it was.
    const since = current
    const { end } = await asked(factory, 'What is the hotel limit?')
    const limit = Number(/(\d+) euros/u.exec(end.text)?.[1])
    asksOfFactory++
    if (end.cached) cached++
    if (!(limit >= since && limit <= newest)) old++
  }
  for (let each = 0; each < rounds; each++) {
    const asking = Array.from({ length: 1 + Math.floor(random() * 4) }, ask)
    if (random() < 0.4) {
      newest++
      await addWhole(factory, rule(newest))
      current = newest
    }
    await Promise.all(asking)
  }
  return {
    rows: [
      {
        scenario: 'asking while a document changes',
        interleavings: rounds,
        changes: newest - 100,
        answers: asksOfFactory,
        fromTheCache: cached,
        requestsToTheModel: model.count(chat),
        old,
      },
    ],
    gates: [atMost(`factory: answers of before a document changed, in ${rounds} random interleavings`, old, 0)],
  }
}

function guide(at: number): DocumentSource {
  const sections = Array.from(
    { length: 5 },
    (_, section) => `## Step ${section}\n\nOn machine ${at}, step ${section} takes ${at * 7 + section} minutes.\n`,
  )
  return { name: `guide-${at}.md`, text: `# Guide ${at}\n\n${sections.join('\n')}` }
}

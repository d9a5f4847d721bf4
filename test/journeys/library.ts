// A small library for journeys: a factory in a temporary data directory, with a few documents loaded.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnswerEnd, AnswerEvent, Question } from '../../src/core/question.ts'
import type { Caller, DocumentSource, Factory } from '../../src/core/factory.ts'
import { createFactory, type Implementations } from '../../src/factory.ts'
import type { OptionsInput } from '../../src/options.ts'

export const travel: DocumentSource = {
  name: 'travel.md',
  text: `# Travel policy

## Approval

Travel over 2,500 euros is approved by the finance director. Smaller trips are approved by the team lead.

## Booking

Flights are booked at least 14 days ahead through the booking desk. Rail is preferred below 600 kilometres.

## Levels

| Level | Hotel limit | Class |
| --- | --- | --- |
| Junior | 120 euros | second |
| Senior | 160 euros | first |
| Director | 220 euros | first |
`,
}

export const leave: DocumentSource = {
  name: 'leave.md',
  text: `# 休假制度

## 年假

员工每年享有十五天年假，入职满五年后增加到二十天。年假须提前两周申请。

## 病假

病假需要在三天内提交医院证明。
`,
}

/** Opens a factory with documents loaded; everything is gone when it is disposed. */
export async function openLibrary(
  sources: DocumentSource[],
  options: OptionsInput = {},
  own: Implementations = {},
): Promise<Factory> {
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-journey-'))
  const factory = await createFactory({ handbook: false, ...options, dataDir }, own)
  for (const source of sources) await addWhole(factory, source)
  return {
    ...factory,
    async [Symbol.asyncDispose]() {
      await factory[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Adds a document and waits until it has loaded. */
export async function addWhole(factory: Factory, source: DocumentSource, caller?: Caller): Promise<string> {
  const { document, jobId } = await factory.add(source, caller)
  if (jobId !== undefined)
    for await (const job of factory.watch([jobId], caller))
      if (job.error && job.state !== 'waiting') throw new Error(`${document.name}: ${job.error.message}`)
  return document.id
}

/** All events of an answer, and its end. */
export async function asked(
  factory: Factory,
  question: string | Question,
  caller?: Caller,
): Promise<{ events: AnswerEvent[]; end: AnswerEnd }> {
  const events = await Array.fromAsync(factory.ask(question, caller))
  const end = events.at(-1)
  if (end?.type !== 'answer-end') throw new Error('The answer had no end')
  return { events, end }
}

/** The text as a reader of the stream saw it. */
export function streamed(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
}

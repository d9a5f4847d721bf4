// One factory for a whole table, with the check that follows every table: an ordinary document and an ordinary
// question get what they always get.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AndonError, type Code } from '../../src/core/errors.ts'
import type { DocumentInfo } from '../../src/core/document.ts'
import type { DocumentSource, Factory } from '../../src/core/factory.ts'
import type { AnswerEnd, Question } from '../../src/core/question.ts'
import { createFactory } from '../../src/factory.ts'

/** A row of a table of bad inputs. Both texts stand in docs/bad-inputs.md, letter by letter. */
export interface Row {
  /** What is given: also the name of the test. */
  given: string
  /** What the caller gets. */
  gets: string
}

/** A factory with a folder of its own for files. */
export interface House extends AsyncDisposable {
  readonly folder: string
  readonly factory: Factory
  /** Adds a document, waits until its job has ended, and gives what became of it. */
  load(source: DocumentSource, tenant?: string): Promise<DocumentInfo>
  /** The last event of an answer. */
  ask(question: string | Question, tenant?: string): Promise<AnswerEnd>
  /** Fails unless an ordinary document is loaded and an ordinary question is answered from it. */
  ordinary(): Promise<void>
}

/** The largest document that a house takes, in bytes. */
export const maxBytes = 2_000_000

/** Opens a house without handbook and without models. */
export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bad-inputs-'))
  const factory = await createFactory({
    dataDir: join(folder, 'data'),
    handbook: false,
    readers: 1,
    loading: { maxBytes },
  })
  let loaded = 0

  async function load(source: DocumentSource, tenant = 'default'): Promise<DocumentInfo> {
    const { document, jobId } = await factory.add(source, { tenant })
    if (jobId !== undefined) await Array.fromAsync(factory.watch([jobId], { tenant }))
    return await factory.document(document.id, { tenant })
  }

  async function ask(question: string | Question, tenant = 'default'): Promise<AnswerEnd> {
    let end: AnswerEnd | undefined
    for await (const event of factory.ask(question, { tenant })) if (event.type === 'answer-end') end = event
    assert.ok(end, 'the answer has no last event')
    return end
  }

  return {
    folder,
    factory,
    load,
    ask,
    async ordinary() {
      loaded++
      const document = await load({
        name: `ordinary-${loaded}.md`,
        text: `# Visiting hours\n\nThe lighthouse number ${loaded} opens at half past nine.\n`,
      })
      assert.equal(document.status, 'ready')
      const { text, citations, confidence } = await ask({
        text: 'When does the lighthouse open?',
        filter: { documents: [document.id] },
      })
      assert.match(text, /half past nine/)
      assert.equal(citations[0]?.documentId, document.id)
      assert.notEqual(confidence, 'refused')
    },
    async [Symbol.asyncDispose]() {
      await factory[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Fails unless the work ends with an error of this code whose sentence holds all of these words. */
export async function refuses(work: () => unknown, code: Code, says: readonly string[]): Promise<void> {
  const reason: unknown = await Promise.try(work).then(
    () => assert.fail(`was accepted, but should be refused as ${code}`),
    (error: unknown) => error,
  )
  assert.ok(reason instanceof AndonError, `threw something else: ${String(reason)}`)
  assert.equal(reason.code, code, reason.message)
  holds(reason.sentence, says)
}

/** Fails unless a text holds all of these words. */
export function holds(text: string, says: readonly string[]): void {
  for (const words of says) assert.ok(text.includes(words), `«${words}» is not in: ${text}`)
}

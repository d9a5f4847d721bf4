// The tools that look into the library: what they find is of the tenant, within what the question is limited to, and can
// be cited where it stands.

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openCall } from '../../core/call.ts'
import type { Factory } from '../../core/factory.ts'
import type { Plain } from '../../core/plain.ts'
import type { Filter, Passage } from '../../core/question.ts'
import { createFactory } from '../../factory.ts'
import type { ToolResult } from '../../tools/tool.ts'
import { ownTools } from './own.ts'

const long = `# Mines\n\n${Array.from({ length: 40 }, (_, at) => `Paragraph ${at} tells how the quicksilver mine was dug, year by year, and who paid for it.`).join('\n\n')}\n`

describe('The tools of documents', () => {
  const opened = new AsyncDisposableStack()
  const ids: Record<string, string> = {}
  let factory: Factory
  before(async () => {
    const { path } = opened.use(await mkdtempDisposable(join(tmpdir(), 'andon-tools-documents-')))
    factory = opened.use(await createFactory({ dataDir: path, handbook: false, readers: 1 }))
    const load = async (name: string, text: string, collection: string, tenant = 't'): Promise<void> => {
      const { document, jobId = '' } = await factory.add(
        { name, text, collection, metadata: { year: name.length } },
        { tenant },
      )
      for await (const job of factory.watch([jobId], { tenant })) assert.equal(job.error, undefined)
      ids[name] = document.id
    }
    await load('mines.md', long, 'open')
    await load('secret.md', 'The quicksilver mine opens at half past nine.', 'closed')
    await load('theirs.md', 'The quicksilver mine of others opens at ten.', 'open', 'other')
  })
  after(() => opened.disposeAsync())

  async function call(name: string, given: Record<string, Plain>, filter?: Filter): Promise<ToolResult> {
    await using station = ownTools(
      () => factory,
      () => filter,
      1_000,
    )
    using own = openCall({ tenant: 't' })
    const calls = [{ id: 'one', name, arguments: given, permission: 'allow' as const }]
    for await (const item of station.run({ do: 'run', calls }, own)) if (item.type === 'result') return item.result
    return assert.fail('There is no result')
  }
  const passagesIn = ({ value, error }: ToolResult): Passage[] => {
    assert.equal(error, undefined)
    return (value as unknown as { passages: Passage[] }).passages
  }
  const found = async (given: Record<string, Plain>, filter?: Filter): Promise<string[]> => {
    const passages = passagesIn(await call('search_documents', { query: 'quicksilver mine', ...given }, filter))
    return [...new Set(passages.map(({ documentName }) => documentName))].sort()
  }

  it('find what the tenant has, and narrow what they look at', async () => {
    assert.deepEqual(await found({ count: 20 }), ['mines.md', 'secret.md'])
    assert.deepEqual(await found({ collection: 'closed' }), ['secret.md'])
    assert.deepEqual(await found({ document: ids['mines.md'] ?? '' }), ['mines.md'])
    assert.deepEqual(await found({ document: ids['theirs.md'] ?? '' }), [])
  })

  it('never look beyond what the question is limited to', async () => {
    const secret = ids['secret.md'] ?? ''
    const filters: Filter[] = [
      { collections: ['open'] },
      { documents: [ids['mines.md'] ?? ''] },
      { excludeDocuments: [secret] },
      { metadata: { year: 'mines.md'.length } },
    ]
    for (const filter of filters) {
      assert.deepEqual(await found({ count: 20 }, filter), ['mines.md'])
      assert.deepEqual(await found({ count: 20, collection: 'closed' }, filter), [])
      assert.deepEqual(await found({ count: 20, document: secret }, filter), [])
      assert.equal((await call('read_document', { document: secret }, filter)).error?.kind, 'failed')
      assert.ok((await call('read_document', { document: ids['mines.md'] ?? '' }, filter)).ok)
    }
  })

  it('read a document from a place on, in passages that stand where they say', async () => {
    const document = ids['mines.md'] ?? ''
    const text = await factory.text(document, undefined, { tenant: 't' })
    for (const [start, length] of [
      [0, 3_000],
      [700, 1_234],
      [text.length - 10, 20_000],
    ] as const) {
      const passages = passagesIn(await call('read_document', { document, start, length }))
      assert.equal(passages.map((each) => each.text).join(''), text.slice(start, start + length))
      for (const each of passages) assert.equal(text.slice(each.start, each.end), each.text)
      assert.ok(passages.every((each) => each.text.length <= 1_600))
      assert.equal(new Set(passages.map(({ id }) => id)).size, passages.length)
    }
    assert.equal((await call('read_document', { document: ids['theirs.md'] ?? '' })).error?.kind, 'failed')
    assert.deepEqual(passagesIn(await call('read_document', { document, start: 10_000_000 })), [])
  })
})

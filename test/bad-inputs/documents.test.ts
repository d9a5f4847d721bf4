// What a document that is empty, huge, broken or hostile gets.

import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { documentRows } from './document-rows.ts'
import { holds, openHouse, refuses } from './house.ts'
import { pathRows } from './path-rows.ts'

const house = await openHouse()
after(() => house[Symbol.asyncDispose]())

/** Root may read everything: for a moment this process is somebody else. */
function withoutPrivileges(): Disposable | undefined {
  if (process.getuid?.() !== 0) return undefined
  process.seteuid?.(65_534)
  return { [Symbol.dispose]: () => process.seteuid?.(0) }
}

for (const row of [...documentRows, ...pathRows]) {
  it(`${row.given}: ${row.gets}`, { skip: row.possible === false, timeout: 20_000 }, async () => {
    const { factory } = house
    const source = await row.make(await mkdtemp(join(house.folder, 'row-')))
    const before = (await factory.list()).length
    if (row.end === 'refused') {
      using _nobody = row.asNobody === true ? withoutPrivileges() : undefined
      await refuses(() => factory.add(source), row.code ?? 'invalid', row.says)
      assert.equal((await factory.list()).length, before, 'something of it was kept')
      return
    }
    const document = await house.load(source)
    const [job] = await factory.jobs({ documentId: document.id })
    if (row.end === 'failed') {
      assert.equal(document.status, 'failed', document.reason)
      assert.equal(job?.error?.code, row.code)
      holds(document.reason ?? '', row.says)
    } else {
      assert.equal(document.status, 'ready', document.reason)
      holds(document.warnings.join('\n'), row.says)
      assert.equal(document.warnings.length > 0, row.says.length > 0, document.warnings.join('\n'))
      if (row.finds !== undefined) {
        const [found] = await factory.search({ text: row.finds, filter: { documents: [document.id] } })
        assert.match(found?.passage.text ?? '', new RegExp(row.finds))
      }
    }
    await factory.remove(document.id, { now: true })
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
}

it('and after all of them an ordinary document and question get what they always get', () => house.ordinary())

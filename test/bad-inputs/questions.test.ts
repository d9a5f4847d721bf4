// What odd questions get.

import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import type { Question } from '../../src/core/question.ts'
import { openHouse, refuses } from './house.ts'
import { questionRows, searchRows } from './question-rows.ts'

const house = await openHouse()
after(() => house[Symbol.asyncDispose]())
await house.ordinary()

for (const row of questionRows) {
  it(`${row.given}: ${row.gets}`, { timeout: 20_000 }, async () => {
    // The compiler would refuse most of these; a program in JavaScript has no compiler.
    const asked = row.asked as string | Question
    if (row.code !== undefined) {
      await refuses(() => house.ask(asked), row.code, row.says)
      return
    }
    const text = typeof asked === 'string' ? asked : asked.text
    const end = await house.ask({ text, sessionId: `session of ${row.given}` })
    assert.equal(end.type, 'answer-end')
    assert.ok(end.text.isWellFormed())
    assert.ok(Array.isArray(await house.factory.search({ text })))
  })
}

for (const row of searchRows) {
  it(`${row.given}: ${row.gets}`, async () => {
    const query = row.asked as { text: string }
    await refuses(() => house.factory.search(query), row.code ?? 'invalid', row.says)
  })
}

it('and after all of them an ordinary document and question get what they always get', () => house.ordinary())

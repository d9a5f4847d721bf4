import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fill } from './performance/page.ts'
import { sections } from './performance/sections.ts'
import { table } from './performance/table.ts'

const again = 'npm run -s bench:performance writes it anew'
const { parts, pictures } = sections()
const docs = new URL('../docs/', import.meta.url)

test('docs/performance.md says what the kept results say', () => {
  const page = readFileSync(new URL('performance.md', docs), 'utf8')
  assert.equal(fill(page, parts), page, again)
})

for (const [name, svg] of Object.entries(pictures))
  test(`the picture ${name} shows what the kept results say`, () => {
    assert.equal(readFileSync(new URL(`pictures/${name}`, docs), 'utf8'), svg, again)
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/)
  })

test('a part is put between its marks, and a place that is missing is told', () => {
  const page = 'a\n<!-- one: begin (by a program) -->\nold\n<!-- one: end -->\nb'
  const filled = 'a\n<!-- one: begin (by a program) -->\n\nnew\n\n<!-- one: end -->\nb'
  assert.equal(fill(page, { one: 'new' }), filled)
  assert.equal(fill(filled, { one: 'new' }), filled)
  assert.throws(() => fill(page, { two: 'new' }), /no place for two/)
})

test('columns of numbers stand to the right', () => {
  const rows = [
    ['x|y', 1234.5],
    ['z', Number.NaN],
  ]
  assert.equal(table(['a', 'b'], rows), '| a | b |\n|---|--:|\n| x\\|y | 1,230 |\n| z | none |')
})

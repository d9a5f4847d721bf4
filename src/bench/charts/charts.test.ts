import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { barChart, lineChart } from './index.ts'
import { samples } from './samples.fixture.ts'
import { linear, logarithmic, shown } from './scale.ts'

for (const [name, svg] of Object.entries(samples)) {
  test(`${name} has the expected bytes (node src/bench/charts/samples.fixture.ts writes them)`, () => {
    assert.equal(svg, readFileSync(new URL(`expected/${name}`, import.meta.url), 'utf8'))
  })

  test(`${name} is well-formed and told to who cannot see it`, () => {
    assert.equal(XMLValidator.validate(svg), true)
    const { svg: root } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(svg) as {
      svg: Record<string, unknown> & { title: Record<string, string>; desc: Record<string, string> }
    }
    assert.equal(root['role'], 'img')
    assert.equal(root['aria-labelledby'], `${root.title['id']} ${root.desc['id']}`)
    assert.doesNotMatch(svg, /NaN|Infinity|undefined|<script|https?:(?!\/\/www\.w3\.org\/2000\/svg)/)
  })
}

test('scales have round marks that reach over every value', () => {
  assert.deepEqual(linear([3, 47], 0, 100).ticks, [0, 10, 20, 30, 40, 50])
  assert.deepEqual(linear([0.013], 0, 1).ticks, [0, 0.0025, 0.005, 0.0075, 0.01, 0.0125, 0.015])
  assert.deepEqual(logarithmic([3, 470], 0, 1).ticks, [1, 10, 100, 1000])
  assert.equal(linear([0, 100], 0, 50).at(200), 50)
  assert.equal(logarithmic([], 0, 1).at(0), 0)
  assert.deepEqual([0.1234, 12.34, 1234, 12_345, 1_234_567].map(shown), ['0.123', '12.3', '1,234', '12.3k', '1.23M'])
})

test('charts of nothing are charts', () => {
  const text = { title: 'Nothing', description: 'Nothing.' }
  for (const svg of [
    lineChart({ ...text, x: { name: 'x' }, y: { name: 'y' } }, []),
    barChart({ ...text, axis: 'x', series: [], groups: [] }),
  ]) {
    assert.equal(XMLValidator.validate(svg), true)
    assert.doesNotMatch(svg, /NaN|Infinity/)
  }
})

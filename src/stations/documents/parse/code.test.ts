import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBytes, shown } from '../../../../test/documents/parse-bytes.ts'
import { declarations } from './code.ts'

test('a file of code is one block per declaration, with its comment and its language', async () => {
  const source = `import { a } from 'a'
import { b } from 'b'
const c = 1

/** Opens the harbour. */
export function open() {
\tconst x = 1

\treturn x
}

# note
def close():
  pass
`
  const whole = await parseBytes('src/harbour.ts', source)
  assert.deepEqual(shown(whole), [
    "code: import { a } from 'a'\nimport { b } from 'b'\nconst c = 1",
    'code: /** Opens the harbour. */\nexport function open() {\n  const x = 1\n\n  return x\n}',
    'code: # note\ndef close():\n  pass',
  ])
  assert.equal(whole.blocks[0]?.language, 'typescript')
})

test('a declaration of a thousand lines is cut, and no line is lost', () => {
  const lines = ['function long() {', ...Array.from({ length: 1000 }, (_, at) => `  line(${at})`), '}']
  const groups = [...declarations(lines)]
  assert.ok(groups.length > 5)
  assert.deepEqual(groups.flat(), lines)
})

// Modules of tools lie anywhere, and are edited while Andon runs.

import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { ToolRegistry } from './registry.ts'

function moduleThat(greets: string): string {
  return `import { defineTool } from 'andon/tools'
import { z } from 'zod'
export const greet = defineTool(
  { description: 'Says ${greets}', input: z.object({ name: z.string() }) },
  ({ name }) => '${greets}, ' + name,
)
`
}

for (const mode of ['inline', 'thread', 'process'] as const) {
  test(`a module outside of any package has Andon and zod, and is read anew when it is registered again (${mode})`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-tools-'))
    const path = join(folder.path, 'greeting.ts')
    await using registry = new ToolRegistry({ mode })
    const calls = [{ id: 'one', name: 'greet', arguments: { name: 'Ada' } }]
    for (const greets of ['Hello', 'Good evening', 'Hi']) {
      await writeFile(path, moduleThat(greets))
      registry.unregister('greet')
      const [tool] = await registry.registerModule(pathToFileURL(path))
      assert.equal(tool?.description, `Says ${greets}`)
      const [result] = await registry.executeToolCalls(calls)
      assert.equal(result?.value, `${greets}, Ada`, result?.error?.message)
    }
  })
}

test('within a package of this name that is not built, it is the running Andon that is imported', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-tools-'))
  const exports = { './tools': './dist/tools/index.js' }
  await writeFile(join(folder.path, 'package.json'), JSON.stringify({ name: 'andon', type: 'module', exports }))
  const path = join(folder.path, 'greeting.ts')
  await writeFile(path, moduleThat('Hello'))
  await using registry = new ToolRegistry({ mode: 'process' })
  await registry.registerModule(pathToFileURL(path))
  const [result] = await registry.executeToolCalls([{ id: 'one', name: 'greet', arguments: { name: 'Ada' } }])
  assert.equal(result?.value, 'Hello, Ada', result?.error?.message)
})

test('a package that Andon does not lend is missed by its own name', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-tools-'))
  const path = join(folder.path, 'missing.ts')
  await writeFile(path, "import 'no-such-package'\nexport const none = () => 1\n")
  await using registry = new ToolRegistry({ mode: 'inline' })
  await assert.rejects(registry.registerModule(pathToFileURL(path)), /no-such-package/)
})

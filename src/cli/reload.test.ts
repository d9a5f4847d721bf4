import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test(
  'endpoints change on SIGHUP, and a wrong configuration changes nothing',
  { skip: process.platform === 'win32' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-reload-'))
    const file = join(folder, 'andon.config.json')
    const write = (models: object): Promise<void> =>
      writeFile(file, JSON.stringify({ dataDir: join(folder, 'data'), handbook: false, models }))
    await write({ endpoints: [{ name: 'a', url: 'http://127.0.0.1:1', model: 'first' }] })
    const main = fileURLToPath(new URL('./main.ts', import.meta.url))
    const child = spawn(process.execPath, [main, 'serve', '--port', '0', '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    try {
      const said = createInterface({ input: child.stderr })[Symbol.asyncIterator]()
      const url = await firstMatch(createInterface({ input: child.stdout })[Symbol.asyncIterator](), /http:\/\/\S+/)
      assert.deepEqual(await modelsAt(url), ['first'])
      await write({ endpoints: [{ name: 'a', url: 'http://127.0.0.1:1', model: 'second' }] })
      child.kill('SIGHUP')
      await firstMatch(said, /Read again: 1 endpoint/)
      assert.deepEqual(await modelsAt(url), ['second'])
      await write({ endpoints: [{ name: 'a', url: 'nowhere' }] })
      child.kill('SIGHUP')
      assert.match(await firstMatch(said, /Nothing changed: .*/), /models\.endpoints\.0\.url/)
      assert.deepEqual(await modelsAt(url), ['second'])
    } finally {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true })
    }
  },
)

async function firstMatch(lines: AsyncIterator<string>, pattern: RegExp): Promise<string> {
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const found = pattern.exec(line.value)?.[0]
    if (found !== undefined) return found
  }
  return assert.fail(`Nothing said ${String(pattern)}`)
}

async function modelsAt(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
  return data.map(({ id }) => id).filter((id) => !id.startsWith('andon'))
}

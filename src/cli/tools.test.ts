// andon tools, as the command that it is: with a server, and without one on the data directory itself.

import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { endOf, startCommand, type Ended } from '../../test/command-line.ts'
import { jsonIn } from '../../test/door.ts'
import { createFactory } from '../factory.ts'
import { serveControl } from './control.ts'

type Run = (...args: string[]) => Promise<Ended>

const house = `
export const shout = Object.assign(({ text }) => text.toUpperCase(), { [Symbol.for('andon.tool')]: {
  description: 'Says it loudly. More than that it does not.', traits: { destructive: true },
  input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
} })
`

async function inFolder(body: (run: Run, folder: string) => Promise<void>): Promise<void> {
  await using opened = await mkdtempDisposable(join(tmpdir(), 'andon-cli-tools-'))
  const directory = opened.path
  await writeFile(join(directory, 'house.mjs'), house)
  const environment = { ANDON_HANDBOOK: 'false', ANDON_TOOLS_MODE: 'inline' }
  await body((...args) => endOf(startCommand(['tools', ...args], { directory, environment })), directory)
}

describe('andon tools', () => {
  it('lists, shows, calls, adds and removes without a server', () =>
    inFolder(async (run, folder) => {
      const listed = await run()
      assert.equal(listed.code, 0, listed.stderr)
      assert.match(listed.stdout, /calculator +ready +allow +built-in/)
      const called = await run('call', 'calculator', '{"expression":"15% of 80"}', '--json')
      assert.equal(jsonIn(called.stdout)['value']?.['value'], '12', called.stderr)
      const added = await run('add', 'module', 'house.mjs')
      assert.match(added.stdout, /house gives 1 tool\./)
      assert.match(await readFile(join(folder, '.andon', 'tools.json'), 'utf8'), /house\.mjs/)
      const shown = await run('show', 'house-shout')
      assert.match(shown.stdout, /Says it loudly\.[^]*Calls: +wait for a person\nMay: +destroy[^]*"text"/)
      // Who types a call is the person who would be asked.
      assert.equal((await run('call', 'house-shout', '{"text":"hear"}')).stdout, 'HEAR\n')
      assert.match(
        (await run('set', 'house-shout', '--off', '--calls', 'deny')).stdout,
        /is off; its calls are refused/,
      )
      const off = await run('call', 'house-shout', '{"text":"hear"}')
      assert.equal(off.code, 1)
      assert.match(off.stderr, /house-shout is switched off: "(andon|npm run -s andon --) tools set house-shout --on"/)
      assert.match(
        (await run('show', 'house-shuot')).stderr,
        /^There is no tool house-shuot: near it is house-shout\.$/m,
      )
      assert.match(
        (await run('list')).stdout,
        /house-shout +off +deny[^]*SOURCE[^]*house +module +1 tool +andon tools add/,
      )
      assert.match((await run('remove', 'house')).stdout, /tools of house are gone/)
      assert.equal((await run('remove', 'house')).code, 1)
    }))

  it('speaks to the server that runs, which has what was added at once', () =>
    inFolder(async (run, folder) => {
      const dataDir = join(folder, '.andon')
      await using factory = await createFactory({ dataDir, handbook: false, tools: { mode: 'inline' } })
      await using _ = await serveControl(factory, dataDir)
      const added = await run('add', 'module', 'house.mjs', '--name', 'my', '--json')
      assert.equal(jsonIn(added.stdout)['tools'], 1, added.stderr)
      assert.equal((await factory.tool('my-shout')).state, 'ready')
      assert.equal((await run('call', 'my-shout', '{"text":"hear"}')).stdout, 'HEAR\n')
      assert.equal((await factory.toolRuns())[0]?.tool, 'my-shout')
      const broken = await run('add', 'mcp', 'none', '--', join(folder, 'no-such-program'))
      assert.equal(broken.code, 1)
      assert.match(broken.stdout, /none is added, and gives no tools yet: /)
    }))

  it('says what is wrong with what it was given', () =>
    inFolder(async (run) => {
      for (const [args, code, says] of [
        [['lst'], 2, /Did you mean "andon tools list"/],
        [['call', 'calculator', '[1]'], 2, /give a JSON object/],
        [['call', 'calculator', '{"expression":"2+"}'], 1, /./],
        [['call', 'nothing'], 1, /no tool nothing/],
        [['add', 'openapi', 'http://', '--name', 'a b'], 2, /letters, digits/],
        [['set', 'calculator', '--calls', 'never'], 2, /allow, ask or deny/],
        [['bench', '--calls', 'many'], 2, /--calls is many/],
      ] as const) {
        const ended = await run(...args)
        assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`)
        assert.match(ended.stderr, says)
      }
    }))

  it('measures calls in threads and in processes', () =>
    inFolder(async (run) => {
      const { stdout, stderr } = await run('bench', '--calls', '100', '--json')
      const rows = jsonIn(stdout)
      assert.ok(Number(rows['0']?.['callsPerSecond']) > 0, stderr)
      assert.deepEqual([rows['0']?.['place'], rows['3']?.['place']], ['thread', 'process'])
    }))
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { tmpdir } from 'node:os'
import { endOf, saying, startCommand } from '../../test/command-line.ts'

const directory = tmpdir()

test(
  'andon simulate tells its addresses, serves until it is interrupted, and ends well',
  { timeout: 30_000 },
  async () => {
    const child = startCommand(['simulate', '--port', '0', '--engines', '2', '--profile', 'quick', '--json'], {
      directory,
    })
    const ended = endOf(child)
    const told = JSON.parse(await saying(child.stdout, /\n\}\n/)) as { engines: string[]; control: string }
    assert.equal(told.engines.length, 2)
    for (const url of told.engines) {
      const { simulated } = (await (await fetch(`${url}/version`)).json()) as { simulated: boolean }
      assert.equal(simulated, true)
    }
    const stats = (await (await fetch(told.control)).json()) as { up: boolean }[]
    assert.deepEqual(stats.map(({ up }) => up), [true, true]) // prettier-ignore
    child.kill('SIGINT')
    assert.equal((await ended).code, 0)
  },
)

test('andon simulate says what is wrong with what it was given', { timeout: 30_000 }, async () => {
  const { code, stderr } = await endOf(startCommand(['simulate', '--mode', 'magic', '--port', '0'], { directory }))
  assert.equal(code, 2)
  assert.match(stderr, /--mode is magic: give one of continuous, static, sequential/)
  const stall = await endOf(startCommand(['simulate', '--stall', 'often', '--port', '0'], { directory }))
  assert.equal(stall.code, 2)
  assert.match(stall.stderr, /--stall is often: give a share from 0 to 1 and milliseconds, as 0\.001:400/)
})

test('andon simulate names the option for a port that is taken', { timeout: 30_000 }, async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  for (const [option, others] of [
    ['--port', []],
    ['--control-port', ['--port', '0']],
  ] as const) {
    const args = ['simulate', '--profile', 'quick', ...others, option, String(port)]
    const { stderr } = await endOf(startCommand(args, { directory }))
    const sentence = `Port ${port} on 127.0.0.1 is taken by another program. Stop it, or choose another with ${option} (`
    assert.ok(stderr.includes(sentence), stderr)
  }
  taken.close()
})

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { endOf, startCommand } from '../../test/command-line.ts'
import { readProfile, simulateLoad } from '../simulate/index.ts'

const directory = await mkdtemp(join(tmpdir(), 'calibrate-'))
after(() => rm(directory, { recursive: true }))

/** A folder as andon bench writes it, of a run in virtual time. */
async function measured(
  name: string,
  { targets = ['a'], tokensFrom = 'usage', speaks = 'openai' } = {},
): Promise<void> {
  const lines: object[] = []
  const cells = [1, 8].map((concurrency) => {
    const cell = `c=${concurrency}`
    const requests = Array.from({ length: 40 }, (_, at) => ({
      promptTokens: 200 + at * 10,
      outputTokens: 40 + (at % 7),
    }))
    const { requests: done } = simulateLoad({ profile: 'l40s-8b' }, requests, { concurrency, thinkMs: 0.1 })
    for (const target of targets)
      for (const [index, { arrivedMs: sentMs, firstTokenMs, endedMs }] of done.entries())
        lines.push({ target, cell, round: 1, index, sentMs, firstTokenMs, lastTokenMs: endedMs, outcome: 'ok', ...requests[index], tokensFrom }) // prettier-ignore
    return { name: cell, load: { kind: 'closed', concurrency }, targets: targets.map((target) => ({ target, valid: true, summary: { requests: 40, ok: 40 } })) } // prettier-ignore
  })
  const result = {
    schema: 'andon.bench/1',
    complete: true,
    valid: true,
    simulated: true,
    startedAt: 'today',
    targets: targets.map((target) => ({ name: target, speaks })),
    cells,
  }
  await mkdir(join(directory, name))
  await writeFile(join(directory, name, 'result.json'), JSON.stringify(result))
  await writeFile(join(directory, name, 'requests.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

const calibrated = async (...args: string[]): ReturnType<typeof endOf> =>
  endOf(startCommand(['simulate', '--calibrate', ...args], { directory }))

test('andon simulate --calibrate prints a profile that it takes again, and how well it fits', async () => {
  await measured('run')
  const { code, stdout, stderr } = await calibrated('run', '--profile', 'l40s-8b')
  assert.equal(code, 0, stderr)
  await writeFile(join(directory, 'mine.json'), stdout)
  const profile = readProfile(join(directory, 'mine.json'))
  assert.ok(Math.abs(profile.baseMs.value - 22) < 2.2)
  assert.ok(Math.abs(profile.perPrefillTokenMs.value - 0.16) < 0.016)
  assert.match(profile.baseMs.provenance, /2 loads of a as andon bench measured it at today/)
  assert.match(stderr, /c=8, round 1 .*\nMeans differ by \d/)
  const { loads } = JSON.parse((await calibrated('run/result.json', '--json')).stdout) as { loads: object[] }
  assert.equal(loads.length, 2)
})

test('andon simulate --calibrate says what it lacks', async () => {
  await measured('two', { targets: ['a', 'b'] })
  await measured('guessed', { tokensFrom: 'estimated' })
  await measured('rag', { speaks: 'andon' })
  for (const [args, code, message] of [
    [['rag'], 2, /a was measured with --rag: .* Measure the model server behind it/],
    [['two'], 2, /Several targets were measured: give one of a, b as --target/],
    [['two', '--target', 'c'], 2, /--target c was not measured: give one of a, b/],
    [['guessed'], 2, /tokens are estimated[^]*no load to calibrate by/],
    [['nowhere'], 2, /nowhere\/result\.json cannot be read: there is no such file/],
  ] as const) {
    const ended = await calibrated(...args)
    assert.equal(ended.code, code, ended.stderr)
    assert.match(ended.stderr, message)
  }
})

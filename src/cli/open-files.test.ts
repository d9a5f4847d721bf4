// Few open files are told, by a server that begins with few and by nobody else.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { endOf, saying } from '../../test/command-line.ts'
import { fewOpenFilesLine } from './open-files.ts'

const limitsOf = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${soft.padEnd(20)} 1048576              files     \n`

test('a limit below 4,096 is told with its number and what to do; a higher one, or none, is not', () => {
  assert.match(fewOpenFilesLine(limitsOf('4095')) ?? '', /may hold 4095 files open.* Raise the hard limit/)
  for (const limits of [limitsOf('4096'), limitsOf('unlimited'), ''])
    assert.equal(fewOpenFilesLine(limits), undefined, limits)
})

test(
  'a server that begins with few says so',
  { skip: process.platform !== 'linux' && 'told on Linux only' },
  async () => {
    const main = new URL('main.ts', import.meta.url).pathname
    const args = [process.execPath, main, 'simulate', '--port', '0', '--profile', 'quick']
    const child = spawn('sh', ['-c', 'ulimit -n 512 && exec "$0" "$@"', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    const ended = endOf(child)
    await saying(child.stdout, /Control: /)
    child.kill('SIGINT')
    const { code, stderr } = await ended
    assert.equal(code, 0)
    assert.match(stderr, /may hold 512 files open/)
  },
)

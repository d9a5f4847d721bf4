// The launcher, in a folder that looks like the repository and in one that looks like an installed package.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { endOf, saying, type Child, type Ended } from '../command-line.ts'
import { jsonIn } from '../door.ts'

interface Place extends AsyncDisposable {
  folder: string
  start(args: string[], environment?: Record<string, string>): Child
  run(args: string[], environment?: Record<string, string>): Promise<Ended>
}

/** Tells how it was started, as JSON. */
const witness = `console.log(JSON.stringify({ arguments: process.argv.slice(2), environment: process.env, entry: process.argv[1] }))`

async function place(files: Record<string, string>): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-launcher-'))
  await cp(new URL('../../run.cjs', import.meta.url), join(folder, 'run.cjs'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const start = (args: string[], environment: Record<string, string> = {}): Child =>
    spawn(process.execPath, [join(folder, 'run.cjs'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  return {
    folder,
    start,
    run: (args, environment) => endOf(start(args, environment)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** Whether a terminal can be had to press Ctrl-C in. */
const hasTerminals = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0

const lock = (version: string): string => JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } })

describe('The launcher', () => {
  it('hands its arguments to the command line, and its exit code back', async () => {
    await using repository = await place({ 'src/cli/main.ts': `${witness}\nprocess.exitCode = 7` })
    const { code, stdout } = await repository.run(['ask', "it's", '"so"', '--json'])
    assert.equal(code, 7)
    assert.deepEqual(jsonIn(stdout)['arguments'], ['ask', "it's", '"so"', '--json'])
  })

  it('runs what was built when it is an installed package', async () => {
    await using installed = await place({ 'dist/cli/main.js': witness, 'package-lock.json': lock('1.0.0') })
    const { stdout } = await installed.run(['list'], { ANDON_NO_INSTALL: '1' })
    assert.equal(jsonIn(stdout)['entry'], join(installed.folder, 'dist/cli/main.js'))
  })

  it('takes away what npm puts into the environment, and keeps the folder that npm was called in', async () => {
    await using repository = await place({ 'src/cli/main.ts': witness })
    const environment = {
      npm_config_loglevel: 'silent',
      npm_lifecycle_event: 'andon',
      npm_package_json: join(repository.folder, 'package.json'),
      INIT_CWD: '/somewhere',
      ANDON_PORT: '1',
    }
    const seen = jsonIn((await repository.run([], environment)).stdout)['environment'] ?? {}
    assert.deepEqual(
      Object.keys(seen).filter((name) => /^npm_|INIT_CWD/.test(name)),
      [],
    )
    assert.equal(seen['ANDON_CALLED_FROM'], '/somewhere')
    assert.equal(seen['ANDON_PORT'], '1')
    // Another package's script that calls andon has a working directory of its own.
    const foreign = { ...environment, npm_package_json: '/other/package.json' }
    assert.equal(jsonIn((await repository.run([], foreign)).stdout)['environment']?.['ANDON_CALLED_FROM'], undefined)
  })

  it('sees that a package is missing or has another version, and not more', async () => {
    const files = { 'src/cli/main.ts': witness, 'package-lock.json': lock('1.0.0') }
    const optional = JSON.stringify({ packages: { 'node_modules/b': { version: '1.0.0', optional: true } } })
    const table: [Record<string, string>, number][] = [
      [{}, 1],
      [{ 'node_modules/.package-lock.json': lock('0.9.0') }, 1],
      [{ 'node_modules/.package-lock.json': lock('1.0.0') }, 0],
      [{ 'package-lock.json': optional }, 0],
    ]
    for (const [more, code] of table) {
      await using repository = await place({ ...files, ...more })
      const ended = await repository.run([], { ANDON_NO_INSTALL: '1' })
      assert.equal(ended.code, code)
      if (code === 1)
        assert.match(ended.stderr, /node_modules\/a is not installed as package-lock\.json says\. Run: npm ci/)
    }
  })

  it('forwards a signal and waits for the end', async () => {
    const patient = `process.on('SIGTERM', () => { console.log('closing'); process.exit(3) }); console.log('open'); setInterval(() => {}, 1000)`
    await using repository = await place({ 'src/cli/main.ts': patient })
    const child = repository.start([])
    const ended = endOf(child)
    await saying(child.stdout, /open/)
    child.kill('SIGTERM')
    const { code, stdout } = await ended
    assert.equal(code, 3)
    assert.match(stdout, /closing/)
  })

  it(
    'leaves Ctrl-C to the terminal, which sends it to the command too, also where all streams are redirected',
    { skip: !hasTerminals && 'there is no script(1) of Linux' },
    async () => {
      const counting = `import { openSync, writeSync } from 'node:fs'
        const terminal = openSync('/dev/tty', 'w')
        let count = 0
        process.on('SIGINT', () => ++count === 1 && process.kill(process.ppid, 'SIGTERM'))
        process.on('SIGTERM', () => { writeSync(terminal, count + ' in all'); process.exit() })
        setInterval(() => {}, 1000)
        writeSync(terminal, 'open')`
      await using repository = await place({ 'src/cli/main.ts': counting })
      for (const streams of ['', '</dev/null', '</dev/null >/dev/null 2>&1']) {
        const command = `"${process.execPath}" "${join(repository.folder, 'run.cjs')}" ${streams}`
        const terminal = spawn('script', ['-qec', command, '/dev/null'], {
          env: { PATH: process.env['PATH'], SHELL: '/bin/sh' },
          stdio: ['pipe', 'pipe', 'inherit'],
        })
        const ended = once(terminal, 'exit')
        await saying(terminal.stdout, /open/)
        terminal.stdin.write('\x03')
        await saying(terminal.stdout, /1 in all/)
        await ended
      }
    },
  )

  it(
    'ends with the shell that npm started it in',
    { skip: process.platform === 'win32' && 'there are no parents' },
    async () => {
      const patient = `process.on('SIGTERM', () => { console.log('closing'); process.exit() }); console.log('open'); setInterval(() => {}, 1000)`
      await using repository = await place({ 'src/cli/main.ts': patient })
      const script = `"${process.execPath}" "${join(repository.folder, 'run.cjs')}"; true`
      const shell = spawn('sh', ['-c', script], {
        env: { PATH: process.env['PATH'], npm_lifecycle_event: 'start' },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      await saying(shell.stdout, /open/)
      shell.kill('SIGKILL')
      await saying(shell.stdout, /closing/)
    },
  )

  it(
    'ends by the signal that ended the command',
    { skip: process.platform === 'win32' && 'there are no signals' },
    async () => {
      await using repository = await place({ 'src/cli/main.ts': `process.kill(process.pid, 'SIGKILL')` })
      const child = repository.start([])
      const [, signal]: unknown[] = await once(child, 'exit')
      assert.equal(signal, 'SIGKILL')
    },
  )
})

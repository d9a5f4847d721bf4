// The commands as child processes, talking to a running server.

import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { endOf, openCommandLine, saying, type CommandLine } from '../command-line.ts'
import { jsonIn, textOf } from '../door.ts'
import { AndonError } from '../../src/core/errors.ts'

async function files(line: CommandLine, contents: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(contents)) {
    const path = join(line.folder, name)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, text)
  }
}

describe('Help', () => {
  it('tells each command with an example, and the exit codes', async () => {
    await using line = await openCommandLine()
    const { code, stdout } = await line.run(['--help'])
    assert.equal(code, 0)
    assert.match(
      stdout,
      /Exit codes: 0 ok, 1 something failed, 2 wrong usage, 3 not reachable or locked, 130 interrupted/,
    )
    const commands = [...stdout.matchAll(/^ {2}(\w+) (?:\[options\]|\[command\]| {2})/gm)].flatMap(
      ([, name]) => name ?? [],
    )
    assert.ok(commands.length >= 12, stdout)
    const helps = await Promise.all(
      commands.filter((name) => name !== 'help').map(async (name) => ({ name, ...(await line.run([name, '--help'])) })),
    )
    for (const help of helps) assert.match(help.stdout, /Examples?:\n/, help.name)
    // What has nothing to do with documents does not ask whose they are and where they lie.
    const withData = helps.filter(({ stdout }) => stdout.includes('--data <folder>')).map(({ name }) => name)
    assert.ok(withData.includes('ask'))
    assert.ok(!withData.includes('gateway') && !withData.includes('simulate'), withData.join())
  })

  it('suggests what a misspelled command or option was meant to be, and ends with 2', async () => {
    await using line = await openCommandLine()
    for (const [args, meant] of [
      [['lst'], /Did you mean list\?/],
      [['list', '--jsn'], /Did you mean --json\?/],
      [['jobs', 'explian', 'x'], /too many arguments|Did you mean/],
      [['jobs', 'explian'], /Did you mean "andon jobs explain"\?/],
      [['ask'], /missing required argument/],
    ] as const) {
      const { code, stderr, stdout } = await line.run([...args])
      assert.equal(code, 2, stderr)
      assert.match(stderr, meant)
      assert.equal(stdout, '')
    }
  })
})

describe('andon add', () => {
  it('adds a folder without what is ignored, and finds nothing to do the second time', async () => {
    await using line = await openCommandLine()
    await files(line, {
      'docs/a.md': 'about locks',
      'docs/deep/b.md': 'about threads',
      'docs/.hidden.md': 'x',
      'docs/node_modules/c.md': 'x',
      'docs/.gitignore': '*.log\nbuild/\n!keep.log\n',
      'docs/noise.log': 'x',
      'docs/keep.log': 'about logs',
      'docs/build/out.md': 'x',
      'docs/empty.md': '',
    })
    const first = await line.json([
      'add',
      './docs',
      '--collection',
      'manual',
      '--meta',
      'year=2026',
      '--meta',
      'kind=guide',
    ])
    assert.equal(first.code, 0)
    assert.deepEqual(first.value['added'], ['docs/a.md', 'docs/deep/b.md', 'docs/keep.log'])
    assert.equal(textOf(first.value['skipped']?.[0]?.['name']), 'docs/empty.md')
    const [document] = await line.factory.list({ name: 'docs/a.md' })
    assert.deepEqual(document?.metadata, { year: 2026, kind: 'guide' })
    assert.equal(document?.collection, 'manual')
    const second = await line.json(['add', 'docs'])
    assert.deepEqual(second.value['added'], [])
    assert.equal(second.value['unchanged']?.['length'], 3)
    await files(line, { 'docs/a.md': 'about locks, again' })
    const third = await line.run(['add', 'docs'])
    assert.match(third.stdout, /^replaced {2}docs\/a\.md$/m)
    assert.match(third.stdout, /^1 replaced, 2 unchanged, 1 skipped$/m)
  })

  it('names a file that fails with its reason, loads the others, and ends with 1', async () => {
    await using line = await openCommandLine()
    await files(line, { 'a.md': 'one', 'b.md': 'two', 'c.md': 'three' })
    line.factory.unreadable.set('b.md', 'The file is encrypted. Add it without its password.')
    const { code, stderr, stdout } = await line.run(['add', 'a.md', 'b.md', 'c.md'])
    assert.equal(code, 1)
    assert.match(stderr, /^failed b\.md: The file is encrypted\. Add it without its password\.$/m)
    assert.match(stdout, /^2 added, 1 failed$/m)
    assert.equal((await line.factory.list()).length, 3)
  })

  it('names files outside the working directory alike, whether a folder or a pattern of it is given', async () => {
    await using line = await openCommandLine()
    await files(line, { 'docs/deep/a.md': 'one', 'docs/b.md': 'two', 'here/c.md': 'three' })
    const environment = { ANDON_CALLED_FROM: join(line.folder, 'here') }
    const names = ['docs/b.md', 'docs/deep/a.md']
    assert.deepEqual((await line.json(['add', join(line.folder, 'docs')], { environment })).value['added'], names)
    const globbed = await line.json(['add', join(line.folder, 'docs/**/*.md')], { environment })
    assert.deepEqual(globbed.value['unchanged'], names)
    const missed = await line.run(['remove', 'a.md'])
    assert.match(missed.stderr, /Did you mean docs\/deep\/a\.md\?/)
  })

  it('takes patterns, standard input, and paths from the folder that npm was called in', async () => {
    await using line = await openCommandLine()
    await files(line, { 'docs/a.md': 'one', 'docs/b.txt': 'two', 'other/c.md': 'three' })
    const globbed = await line.json(['add', 'docs/*.md'])
    assert.deepEqual(globbed.value['added'], ['docs/a.md'])
    const piped = await line.json(['add', '-', '--name', 'notes.md'], { input: 'from a pipe' })
    assert.deepEqual(piped.value['added'], ['notes.md'])
    const [document] = await line.factory.list({ name: 'notes.md' })
    assert.equal(await line.factory.text(document?.id ?? ''), 'from a pipe')
    const environment = { ANDON_CALLED_FROM: join(line.folder, 'other') }
    const called = await line.json(['add', 'c.md'], { environment })
    assert.deepEqual(called.value['added'], ['c.md'])
  })

  it('says what is wrong with what it was given', async () => {
    await using line = await openCommandLine()
    await files(line, { 'docs/a.md': 'one' })
    for (const [args, code, says] of [
      [['add', 'nowhere'], 1, /nowhere is not there.*Check the path/],
      [['add', '*.pdf'], 1, /No file matches \*\.pdf/],
      [['add', '-'], 2, /Standard input has no name/],
      [['add', 'docs', '--meta', 'x'], 2, /--meta is "x": it must be key=value/],
      [['add', 'docs/a.md', '--watch'], 2, /--watch follows folders/],
    ] as const) {
      const ended = await line.run([...args])
      assert.match(ended.stderr, says)
      assert.equal(ended.code, code, ended.stderr)
    }
  })

  it('follows a folder with --watch: what is there, what comes, what changes, what goes', async () => {
    await using line = await openCommandLine()
    await files(line, { 'docs/a.md': 'one' })
    const child = line.start(['add', './docs', '--watch'])
    const ended = endOf(child)
    await saying(child.stdout, /^added {2}docs\/a\.md[^]*^watching/m)
    const came = saying(child.stdout, /^added {2}docs\/b\.md$/m)
    await files(line, { 'docs/b.md': 'two' })
    await came
    const changed = saying(child.stdout, /^replaced {2}docs\/a\.md$/m)
    await files(line, { 'docs/a.md': 'one, changed' })
    await changed
    const gone = saying(child.stdout, /^removed {2}docs\/b\.md$/m)
    await rm(join(line.folder, 'docs/b.md'))
    await gone
    child.kill('SIGINT')
    assert.equal((await ended).code, 0)
    assert.deepEqual(
      (await line.factory.list()).map((document) => document.name),
      ['docs/a.md'],
    )
  })
})

describe('andon ask', () => {
  it('prints the answer, and under it where it stands', async () => {
    await using line = await openCommandLine()
    await line.factory.add({ name: 'lock.md', text: 'A lock lets one in.', collection: 'c' })
    const { code, stdout } = await line.run(['ask', 'What', 'is', 'a', 'lock?', '--collection', 'c', '--session', 's1'])
    assert.equal(code, 0)
    assert.equal(stdout, 'A lock lets one in. [1]\n\n[1] lock.md, page 1 › Heading\n')
    assert.deepEqual(line.factory.asked[0]?.question, {
      text: 'What is a lock?',
      filter: { collections: ['c'] },
      sessionId: 's1',
    })
  })

  it('gives programs the whole answer with --json, and every event with --events', async () => {
    await using line = await openCommandLine()
    await line.factory.add({ name: 'lock.md', text: 'A lock lets one in.' })
    const { value } = await line.json(['ask', 'lock?', '--extractive'])
    assert.equal(value['type'], 'answer-end')
    assert.equal(value['citations']?.[0]?.['documentName'], 'lock.md')
    assert.equal(line.factory.asked[0]?.question.mode, 'extractive')
    const { stdout } = await line.run(['ask', '--events', '-'], { input: 'lock?\n' })
    const types = stdout
      .trim()
      .split('\n')
      .map((text) => jsonIn(text)['type'])
    assert.deepEqual(types, ['answer-start', 'passages-found', 'text-delta', 'citation', 'text-delta', 'answer-end'])
  })

  it('cancels at the far end on Ctrl-C, and ends with 130', async () => {
    await using line = await openCommandLine()
    await line.factory.add({ name: 'lock.md', text: 'A lock lets one in.' })
    line.factory.hold = Promise.withResolvers<void>().promise
    const stopped = line.factory.nextStop()
    const child = line.start(['ask', 'lock?'])
    const ended = endOf(child)
    await saying(child.stdout, /A lock/)
    child.kill('SIGINT')
    assert.equal((await ended).code, 130)
    assert.equal(AndonError.from(await stopped).code, 'cancelled')
  })

  it('ends quietly when nobody reads its output any more', async () => {
    await using line = await openCommandLine()
    await line.factory.add({ name: 'lock.md', text: 'A lock lets one in.' })
    const hold = Promise.withResolvers<void>()
    line.factory.hold = hold.promise
    const child = line.start(['ask', 'lock?'])
    const ended = endOf(child)
    await saying(child.stdout, /A lock/)
    child.stdout.destroy()
    hold.resolve()
    assert.doesNotMatch((await ended).stderr, /EPIPE|at .*\.ts/)
  })
})

describe('andon list, remove, jobs', () => {
  it('lists, hides, restores and removes for good, by name or id', async () => {
    await using line = await openCommandLine()
    await line.factory.add({ name: 'a.md', text: 'one' })
    const { document } = await line.factory.add({ name: '锁.md', text: 'two', collection: 'zh' })
    const listed = await line.run(['list'])
    assert.match(listed.stdout, /^doc-0001 +ready +1 +3 B .* default +a\.md$/m)
    assert.match(listed.stdout, /2 documents/)
    assert.equal((await line.json(['list', '--collection', 'zh'])).value['length'], 1)
    assert.match((await line.run(['remove', 'a.md'])).stdout, /removed {2}a\.md/)
    assert.match((await line.run(['list'])).stdout, /1 document$/m)
    assert.match((await line.run(['remove', '--restore', 'a.md'])).stdout, /restored {2}a\.md/)
    const both = await line.json(['remove', document.id, 'nobody', '--now'])
    assert.equal(both.code, 1)
    assert.equal(textOf(both.value['removed']?.[0]?.['name']), '锁.md')
    assert.equal(both.value['failed']?.[0]?.['error']?.['code'], 'not-found')
    await assert.rejects(line.factory.document(document.id))
  })

  it('lists jobs, explains one, and says when there is no such job', async () => {
    await using line = await openCommandLine()
    await line.factory.add({ name: 'a.md', text: 'one' })
    assert.match((await line.run(['jobs'])).stdout, /^job-1 +done +store +1\/3 .* a\.md$/m)
    assert.match((await line.run(['jobs', 'explain', 'job-1'])).stdout, /^The job is done\.$/m)
    assert.match(
      (await line.run(['jobs', 'retry', 'job-1'])).stdout,
      /^job-1 is done already: there is nothing to retry\.$/m,
    )
    const missing = await line.json(['jobs', 'cancel', 'job-9'])
    assert.equal(missing.code, 1)
    assert.equal(missing.value['error']?.['code'], 'not-found')
  })

  it('keeps tenants apart', async () => {
    await using line = await openCommandLine()
    await line.factory.add({ name: 'a.md', text: 'one' }, { tenant: 'acme' })
    assert.equal((await line.json(['list'])).value['length'], 0)
    assert.equal((await line.json(['list', '--tenant', 'acme'])).value['length'], 1)
  })
})

describe('Configuration', () => {
  it('that is wrong ends every command with 2 and names the key, its value and where it is from', async () => {
    await using line = await openCommandLine()
    await files(line, { 'andon.config.json': '{ "loading": { "memoryMb": 100 } }' })
    const { code, stderr } = await line.run(['list'])
    assert.equal(code, 2)
    assert.match(stderr, /loading\.memoryMb is 100 in .*andon\.config\.json: it must be at least 384/)
    const other = await line.run(['list', '--config', 'nowhere.json'])
    assert.match(other.stderr, /no configuration file at .*nowhere\.json/)
  })

  it('is shown by doctor without its secrets', async () => {
    await using line = await openCommandLine()
    await files(line, { 'andon.config.ts': `export default { models: { apiKey: 'sk-secret', model: 'm' } }\n` })
    const { value } = await line.json(['doctor'], { environment: { ANDON_MODELS_BUDGET_MS: '1234' } })
    assert.doesNotMatch(JSON.stringify(value), /sk-secret/)
    const models = value['options']?.['models'] as Record<string, unknown> | undefined
    assert.deepEqual([models?.['apiKey'], models?.['model'], models?.['budgetMs']], ['(set)', 'm', 1234])
    assert.equal(models?.['firstTokenMs'], 10_000)
    assert.match(textOf(value['origins']?.['models.budgetMs']), /ANDON_MODELS_BUDGET_MS/)
    const said = await line.run(['doctor'])
    assert.match(said.stdout, /owned by a running server/)
    assert.doesNotMatch(said.stdout + said.stderr, /sk-secret/)
  })
})

// andon sessions, as the command that it is, on the conversations of a real factory.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { endOf, startCommand, type Ended } from '../../test/command-line.ts'
import { jsonIn } from '../../test/door.ts'
import { asked, openLibrary, travel } from '../../test/journeys/library.ts'
import { serveControl } from './control.ts'

describe('andon sessions', { timeout: 60_000 }, () => {
  it('lists conversations, writes one out, hides it, brings it back, and erases it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'andon-sessions-'))
    const run = (...args: string[]): Promise<Ended> => endOf(startCommand(['sessions', ...args], { directory }))
    {
      await using factory = await openLibrary([travel])
      await mkdir(join(directory, '.andon'))
      await using _control = await serveControl(factory, join(directory, '.andon'))
      for (const sessionId of ['s1', 's2']) await asked(factory, { text: 'Who approves travel?', sessionId })

      const [listed, taken, removed] = await Promise.all([
        run('--search', 'TRAVEL', '--limit', '1'),
        run('export', 's1'),
        run('remove', 's2', '--json'),
      ])
      assert.match(listed.stdout, /^ID +TURNS +USED +TITLE\ns[12] +2 .*Who approves travel\?\n\n1 conversation\n$/)
      assert.deepEqual(jsonIn(taken.stdout), JSON.parse(JSON.stringify(await factory.exportSession('s1'))))
      assert.deepEqual([removed.code, jsonIn(removed.stdout)], [0, { removed: 's2' }])

      const [back, erased] = await Promise.all([run('restore', 's2'), run('erase', 's1')])
      assert.equal(back.stdout, 'restored  s2\n')
      assert.equal(erased.stdout, 'erased  s1\n')
      assert.match(erased.stderr, /Backups and exports/)
      assert.deepEqual(
        (await factory.sessions()).map(({ id }) => id),
        ['s2'],
      )
      await assert.rejects(factory.restoreSession('s1'), { code: 'not-found' })
    }
    await rm(directory, { recursive: true })
  })
})

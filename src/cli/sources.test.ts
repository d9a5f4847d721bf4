// What a folder holds is added; what a link in it points at elsewhere is not, unless it is named.

import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { findSources } from './sources.ts'

test('links are followed within the folder that was given, and not out of it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-sources-'))
  const base = folder.path
  await mkdir(join(base, 'docs', 'deep'), { recursive: true })
  await writeFile(join(base, 'docs', 'deep', 'a.md'), 'a')
  await writeFile(join(base, 'private-key'), 'secret')
  await symlink(join('deep', 'a.md'), join(base, 'docs', 'same.md'))
  await symlink(join('..', 'private-key'), join(base, 'docs', 'notes.md'))
  const find = (...given: string[]) => findSources(given, base, (path) => resolve(base, path))
  const { files, linksOut } = await find('docs')
  assert.deepEqual(
    files.map(({ name }) => name),
    ['docs/deep/a.md', 'docs/same.md'],
  )
  assert.deepEqual(linksOut, [join(base, 'docs', 'notes.md')])
  assert.equal((await find(join('docs', 'notes.md'))).files.length, 1, 'named by its owner it is added')
})

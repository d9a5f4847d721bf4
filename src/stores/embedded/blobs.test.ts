// What lies in the folder of blobs that nobody refers to, looked for while others work there.

import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { strayBlobs } from './blobs.ts'

test('a blob that goes while strays are looked for is none, and the others are found', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-blobs-'))
  const [gone, stray, used] = [`ab${'0'.repeat(62)}`, `ab${'1'.repeat(62)}`, `ab${'2'.repeat(62)}`]
  await mkdir(join(folder.path, 'ab'))
  for (const hash of [stray, used]) await writeFile(join(folder.path, 'ab', hash), 'words')
  // Listed, and not there when it is looked at: as one that is removed between the two.
  await symlink(join(folder.path, 'nowhere'), join(folder.path, 'ab', gone))
  assert.deepEqual(await strayBlobs(folder.path, new Set([used]), Infinity), [stray])
})

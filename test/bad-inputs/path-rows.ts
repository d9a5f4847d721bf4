// Paths that lead nowhere, to something that is no file, or to a file that must not be read.

import { execFileSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loaded, refused, withFile, type DocumentRow } from './document-row.ts'

const notWindows = process.platform !== 'win32'

export const pathRows: DocumentRow[] = [
  refused('not-found', {
    given: 'a path where nothing is',
    says: ['nothing.md cannot be read', 'no such file'],
    make: (folder) => ({ path: join(folder, 'nothing.md') }),
  }),
  refused('not-found', {
    given: 'a path below a file',
    says: ['a.md/b.md cannot be read', 'no such file'],
    make: async (folder) => {
      await writeFile(join(folder, 'a.md'), 'words')
      return { path: join(folder, 'a.md/b.md') }
    },
  }),
  refused('invalid', {
    given: 'a path with NUL',
    says: ['/tmp/a\\u0000b', 'NUL'],
    make: () => ({ path: '/tmp/a\0b', name: 'a.md' }),
  }),
  refused('invalid', {
    given: 'a path of 5,000 characters',
    says: ['path', '5000 characters'],
    make: () => ({ path: `/${'x'.repeat(4_999)}`, name: 'a.md' }),
  }),
  refused('invalid', {
    given: 'a folder',
    says: ['inner is a folder', 'give the files in it'],
    make: async (folder) => {
      await mkdir(join(folder, 'inner'))
      return { path: join(folder, 'inner') }
    },
  }),
  refused('invalid', {
    given: 'a link to a folder',
    says: ['link is a folder'],
    possible: notWindows,
    make: async (folder) => {
      await symlink(folder, join(folder, 'link'))
      return { path: join(folder, 'link') }
    },
  }),
  refused('not-found', {
    given: 'a link to nothing',
    says: ['lost.md cannot be read', 'no such file'],
    possible: notWindows,
    make: async (folder) => {
      await symlink(join(folder, 'gone.md'), join(folder, 'lost.md'))
      return { path: join(folder, 'lost.md') }
    },
  }),
  refused('invalid', {
    given: 'a link to itself',
    says: ['loop.md cannot be read', 'circle'],
    possible: notWindows,
    make: async (folder) => {
      await symlink(join(folder, 'loop.md'), join(folder, 'loop.md'))
      return { path: join(folder, 'loop.md') }
    },
  }),
  loaded({
    given: 'a link to a file',
    says: [],
    finds: 'ferry',
    possible: notWindows,
    make: async (folder) => {
      await writeFile(join(folder, 'real.md'), 'The ferry leaves at noon.')
      await symlink(join(folder, 'real.md'), join(folder, 'linked.md'))
      return { path: join(folder, 'linked.md') }
    },
  }),
  refused('invalid', {
    given: 'a device',
    says: ['/dev/zero is no file', 'give it as bytes'],
    possible: notWindows,
    make: () => ({ path: '/dev/zero' }),
  }),
  refused('invalid', {
    given: 'a named pipe that nobody writes to',
    says: ['pipe is no file', 'give it as bytes'],
    possible: notWindows,
    make: (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe')])
      return { path: join(folder, 'pipe') }
    },
  }),
  refused('forbidden', {
    given: 'a file that this user may not read',
    says: ['locked.md cannot be read', 'Change its permissions'],
    possible: notWindows,
    asNobody: true,
    make: async (folder) => {
      const source = await withFile(folder, 'locked.md', 'words')
      await chmod(join(folder, 'locked.md'), 0)
      return source
    },
  }),
]

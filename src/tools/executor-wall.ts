// The wall around tools that are not believed: bubblewrap gives their process no network, no processes but its own, and
// of the files of this machine only what Node and their module are made of, to read.

import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the system's loader needs to start Node. */
const libraries = ['/lib', '/lib32', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache', '/nix/store', '/gnu/store']

/** The folder of Andon's own code, and what says that it is made of modules. */
const house = dirname(import.meta.dirname)

/** Namespaces of its own, nobody's rights, and a file system that is empty. */
const alone = (
  '--unshare-user --unshare-all --die-with-parent --new-session --uid 65534 --gid 65534 --hostname tool ' +
  '--cap-drop ALL --proc /proc --dev /dev --tmpfs /tmp'
).split(' ')

/** Once all is in it, nothing can be written. */
const sealed = '--remount-ro /dev --remount-ro /tmp --remount-ro / --chdir / --'.split(' ')

/** After this many milliseconds it is tried again whether a wall can be made. */
const askAgainMs = 10_000

/** The command that starts what follows it behind the wall. `folders` may be read there, beside what Node needs. */
export function wallCommand(folders: readonly string[]): string[] {
  const code = [house, ...folders].flatMap(withReal)
  const read = new Set([...libraries, ...withReal(process.execPath), ...code, ...code.flatMap(around)])
  const shown = [...read].filter((path) => existsSync(path)).flatMap((path) => ['--ro-bind', path, path])
  return [bubblewrap() ?? 'bwrap', ...alone, ...shown, ...sealed]
}

/** Part of util-linux, which every distribution has. */
const setpriv = '/usr/bin/setpriv'

/** The command that has what follows it end with this program, also when that is killed; empty where there is none. */
export function dyingWithUs(): string[] {
  return process.platform === 'linux' && existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--'] : []
}

/** The folder of a module, by its URL; undefined when it is no file. */
export function folderOf(module: string): string | undefined {
  return module.startsWith('file:') ? dirname(fileURLToPath(module)) : undefined
}

let asked: { at: number; problem: Promise<string | undefined> } | undefined

/** Why no wall can be made on this machine, with the remedy; undefined when it can. */
export function wallProblem(): Promise<string | undefined> {
  if (!asked || performance.now() - asked.at > askAgainMs) {
    const before = asked?.problem
    const problem = Promise.resolve(before).then((was) =>
      // What could be made once can be made again.
      before !== undefined && was === undefined ? undefined : tryWall(),
    )
    asked = { at: performance.now(), problem }
  }
  return asked.problem
}

async function tryWall(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'Untrusted tools need bubblewrap, which is for Linux only'
  if (bubblewrap() === undefined) {
    return 'Untrusted tools need bubblewrap, which is not installed: install the package `bubblewrap` (apt, dnf, apk or pacman), then call again'
  }
  const [program = '', ...before] = wallCommand([])
  return new Promise((resolve) => {
    execFile(program, [...before, process.execPath, '--version'], { timeout: 10_000, env: {} }, (error, _out, told) => {
      if (!error) return resolve(undefined)
      const [why = error.message] = told.trim().split('\n')
      resolve(
        `Untrusted tools need bubblewrap, which may not make its wall here (${why}): allow user namespaces, ` +
          `for example with \`sysctl kernel.apparmor_restrict_unprivileged_userns=0\`, or in a container with ` +
          `\`--security-opt seccomp=unconfined --security-opt apparmor=unconfined\``,
      )
    })
  })
}

function bubblewrap(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'bwrap')).find((path) => path.startsWith('/') && existsSync(path))
}

/** A path, and what it really is: links are followed where modules are found. */
function withReal(path: string): string[] {
  try {
    return [path, realpathSync(path)]
  } catch {
    return [path]
  }
}

/** The packages that a module may import, and the files that say what is a module: those of all folders above it. */
function around(path: string): string[] {
  const found: string[] = []
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    found.push(join(folder, 'package.json'), join(folder, 'node_modules'))
    if (folder === dirname(folder)) return found
  }
}

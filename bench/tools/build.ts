// The package as it is published, built into a folder of its own: what users call, and nothing that strips types.

import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface Built extends AsyncDisposable {
  tools: typeof import('../../src/tools/index.ts')
  /** URL of the calculator, in plain JavaScript. */
  calculator: string
  folder: string
}

/** Takes seconds. Disposing removes the folder. */
export async function buildPackage(): Promise<Built> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-tools-'))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist'), '--declaration', 'false'],
    { cwd: root, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`The package cannot be built:\n${stdout}`)
  await cp(join(root, 'package.json'), join(folder, 'package.json'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const source = await readFile(new URL('calculator.ts', import.meta.url), 'utf8')
  await writeFile(join(folder, 'calculator.js'), stripTypeScriptTypes(source))
  return {
    tools: (await import(pathToFileURL(join(folder, 'dist/tools/index.js')).href)) as Built['tools'],
    calculator: pathToFileURL(join(folder, 'calculator.js')).href,
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

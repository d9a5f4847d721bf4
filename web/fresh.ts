// Builds the page when it is missing or older than its sources: `node web/fresh.ts`. Says nothing when there is nothing
// to do. Without the tools that build it, it says so and leaves the rest to the gateway, which has a plain page.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const built = join(root, 'dist/page')
const vite = join(root, 'node_modules/vite/bin/vite.js')

if (changedAt('web') > builtAt()) build()

function build(): void {
  if (!existsSync(vite)) {
    const still = existsSync(built) ? 'is of an earlier version' : 'is plain'
    return say(`The page ${still}: what builds it is not installed. Run "npm ci --include=dev" and start again.`)
  }
  say('Building the page …')
  // Beside its place and then into it, so that who starts meanwhile finds a whole page.
  const next = `${built}.${process.pid}`
  try {
    execFileSync(process.execPath, [vite, 'build', 'web', '--outDir', next, '--emptyOutDir', '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    })
  } catch {
    rmSync(next, { recursive: true, force: true })
    process.exitCode = 1
    return say('The page could not be built; the reason is above.')
  }
  rmSync(built, { recursive: true, force: true })
  try {
    renameSync(next, built)
  } catch {
    // Another start was faster.
    rmSync(next, { recursive: true, force: true })
  }
}

function builtAt(): number {
  const index = join(built, 'index.html')
  return existsSync(index) ? statSync(index).mtimeMs : 0
}

function changedAt(folder: string): number {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

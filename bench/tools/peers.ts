// Starts the peers' process, whose packages are installed once into a folder of their own.

import { fork, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { say } from '../harness.ts'

export interface PeerRow {
  peer: string
  mode: string
  perSecond: number
  errors: number
}

/** None when they cannot be installed. */
export async function measurePeers(workers: number, batches: number): Promise<PeerRow[]> {
  const folder = fileURLToPath(new URL('peers', import.meta.url))
  if (!existsSync(`${folder}/node_modules`)) {
    say('installing the peers, once')
    const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
    if (status !== 0) {
      say('The peers could not be installed; their figures are missing')
      return []
    }
  }
  const child = fork(`${folder}/main.ts`, [String(workers), String(batches)])
  return new Promise((resolve) => {
    child.once('message', (rows) => resolve(rows as PeerRow[]))
    child.once('exit', () => resolve([]))
  })
}

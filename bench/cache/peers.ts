// The caches of others: which, in which version, and whether they are installed.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { say } from '../harness.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** The packages that are measured beside Andon. */
const packages = [
  'lru-cache',
  'bentocache',
  'ioredis',
  'cacheable',
  'cache-manager',
  'keyv',
  '@keyv/redis',
  'async-cache-dedupe',
  '@redis/client',
  'async-mutex',
  'async-sema',
  'p-limit',
] as const

/** A cache of somebody else, opened to answer by a function. */
export interface PeerCache {
  readonly get: (key: string) => Promise<unknown>
  readonly close: () => Promise<void>
}

export interface PeerOptions {
  make(key: string): Promise<unknown>
  /** Without one it remembers in memory only. */
  url: string | undefined
}

/** By name, those that remember in memory (`memory`), in Redis only (`redis`) and in both (`both`). */
export type Peers = Record<'memory' | 'redis' | 'both', Record<string, (options: PeerOptions) => Promise<PeerCache>>>

/** Not known to the compiler: those who only build Andon have no peers. */
export async function loadPeers(): Promise<Peers> {
  const file: string = new URL('peer-caches.ts', import.meta.url).href
  const { peers } = (await import(file)) as { peers: Peers }
  return peers
}

/** Installs them once. False when that cannot be done. */
export function peersInstalled(): boolean {
  if (packages.every((name) => existsSync(`${folder}/node_modules/${name}`))) return true
  say('installing the peers, once')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) say('The peers could not be installed: their rows and the gates beside them are missing')
  return status === 0
}

/** What is installed of them. */
export function peerVersions(): Record<string, string> {
  return Object.fromEntries(
    packages.map((name) => {
      const { version } = JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8')) as {
        version: string
      }
      return [name, version]
    }),
  )
}

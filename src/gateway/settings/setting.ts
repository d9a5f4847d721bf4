// One thing that is set up, or is not, in plain words. Keys and values are stable, so that a page can say the same in
// another language.

import type { Health, HealthPart, TenantUsage } from '../../core/factory.ts'
import type { Plain } from '../../core/plain.ts'
import type { Options } from '../../options.ts'
import type { DoorOptions } from '../door.ts'

/** One thing that is set up, or is not. */
export interface Setting {
  /** Names it for good, like `model`. */
  key: string
  group: 'answers' | 'search' | 'documents' | 'capacity' | 'access' | 'privacy'
  /** In English. */
  name: string
  /** `off`: not set up, and nothing is wrong; `waiting`: work on it is under way. */
  state: 'ok' | 'off' | 'waiting' | 'broken'
  /** What is so, in one English sentence. */
  what: string
  /** What to set to get more, or what to do. */
  more?: string
  /** The facts of the sentences. */
  values?: Record<string, Plain>
}

export interface SettingsParts {
  health: Health
  usage: TenantUsage
  options: DoorOptions
  /** Of the whole house, where they are known. */
  house: Options | undefined
  /** Whether the door listens to this machine only. */
  local: boolean
  /** Whether to tell what only an administrator may know. */
  admin: boolean
}

/** What health says of one part. */
export function part(health: Health, name: string): HealthPart | undefined {
  return health.parts.find((each) => each.name === name)
}

/** How one part is; what health says nothing of is well. */
export function stateOf(health: Health, name: string): 'ok' | 'broken' {
  return part(health, name)?.ok === false ? 'broken' : 'ok'
}

/** Host and port of an address: never its path, which may be a secret, nor its password. */
export function hostOf(address: string | undefined): string | undefined {
  return address === undefined ? undefined : new URL(address).host
}

/** A number of bytes for people. */
export function megabytes(bytes: number): string {
  return `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`
}

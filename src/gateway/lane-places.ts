// The places of a lane: how many are taken, of all and by each tenant and key, and how many each may have.

import type { Principal } from './door.ts'

/** Whose turn it is follows from these alone. */
export type Who = Pick<Principal, 'tenant' | 'keyId'>

/** Why a newcomer cannot begin: all places are taken, or all that its tenant or its key may have. */
export type PlaceBound = 'places' | 'tenant' | 'key'

export interface PlacesOptions {
  /** How many at once. */
  places: number
  tenantAtOnce?: number | undefined
  keyAtOnce?: number | undefined
}

export class Places {
  readonly #options: PlacesOptions
  readonly #tenants: Counts
  readonly #keys: Counts
  #taken = 0

  constructor(options: PlacesOptions) {
    this.#options = options
    this.#tenants = new Counts(options.tenantAtOnce)
    this.#keys = new Counts(options.keyAtOnce)
  }

  get taken(): number {
    return this.#taken
  }

  get full(): boolean {
    return this.#taken >= this.#options.places
  }

  /** What keeps somebody from a place; undefined when nothing does. */
  boundOf({ tenant, keyId }: Who): PlaceBound | undefined {
    if (this.full) return 'places'
    if (this.#tenants.full(tenant)) return 'tenant'
    return keyId !== undefined && this.#keys.full(keyId) ? 'key' : undefined
  }

  /** How many places a bound is. */
  most(bound: PlaceBound): number {
    const { places, tenantAtOnce = places, keyAtOnce = places } = this.#options
    return { places, tenant: tenantAtOnce, key: keyAtOnce }[bound]
  }

  take({ tenant, keyId }: Who): void {
    this.#taken += 1
    this.#tenants.add(tenant)
    if (keyId !== undefined) this.#keys.add(keyId)
  }

  giveBack({ tenant, keyId }: Who): void {
    this.#taken -= 1
    this.#tenants.remove(tenant)
    if (keyId !== undefined) this.#keys.remove(keyId)
  }
}

/** How many somebody has, up to a most. Without a most nothing is counted. */
class Counts {
  readonly #most: number | undefined
  readonly #counts = new Map<string, number>()

  constructor(most: number | undefined) {
    this.#most = most
  }

  full(of: string): boolean {
    return this.#most !== undefined && (this.#counts.get(of) ?? 0) >= this.#most
  }

  add(of: string): void {
    if (this.#most !== undefined) this.#counts.set(of, (this.#counts.get(of) ?? 0) + 1)
  }

  remove(of: string): void {
    const left = (this.#counts.get(of) ?? 0) - 1
    if (left > 0) this.#counts.set(of, left)
    else this.#counts.delete(of)
  }
}

// Endpoints that stand behind one name in the DNS, as the pods of a headless service do: each address is an endpoint of
// its own, because the balance has to see the replicas and not the name. A machine with addresses of both families is one.

import { createHash } from 'node:crypto'
import { lookup, resolveSrv } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import { AndonError } from '../core/errors.ts'
import type { ModelEndpoint } from './endpoint.ts'

/** A name in the DNS whose addresses are endpoints. */
export interface Discovery {
  /** What all of them have in common. Its `url` names the host: `http://vllm.models.svc:8000`. */
  readonly endpoint: ModelEndpoint
  /**
   * `address`: looked up as this machine does, with its search list and /etc/hosts; the url's port. `service`: SRV records,
   * which say the port, of a full name. Default `address`.
   */
  readonly records?: 'address' | 'service'
  /** Addresses of which kind, as one machine may have both. Default: IPv4, and IPv6 while there was never any IPv4. */
  readonly family?: 4 | 6
  /** Milliseconds between two looks. Default 10,000. */
  readonly everyMs?: number
}

/** Where names are looked up. Both reject when there is nothing, and when nobody knows whether there is. */
export interface Resolver {
  lookup(host: string, family: 4 | 6): Promise<{ address: string }[]>
  resolveSrv(host: string): Promise<{ name: string; port: number }[]>
}

/**
 * getaddrinfo, which knows the search list and /etc/hosts, and not how long an answer holds: `everyMs` says that. One
 * family at a time, because asked for both it hides that one of them failed when the other answers.
 */
const machine: Resolver = {
  lookup: (host, family) => lookup(host, { all: true, family, order: 'verbatim' }),
  resolveSrv,
}

export class Discoveries implements Disposable {
  readonly #discoveries: readonly Discovery[]
  readonly #found: (endpoints: readonly ModelEndpoint[]) => void
  readonly #failed: (error: AndonError) => void
  readonly #resolver: Resolver
  readonly #timers: NodeJS.Timeout[] = []
  readonly #known = new Map<Discovery, readonly ModelEndpoint[]>()
  readonly #looking = new Set<Discovery>()
  /** Those that nobody has stood behind yet, with how often they were looked up. */
  readonly #missing = new Map<Discovery, number>()
  /** Those with IPv4 addresses: with a search list the machine may take a failure for "there is none". */
  readonly #settled = new Set<Discovery>()
  #closed = false

  /**
   * `found` hears all endpoints whenever they have changed. When it throws, `failed` hears why, once for each change, and
   * those that were found before stay. It hears, too, of a name that had no address at the first two looks, and when it has
   * one.
   */
  constructor(
    discoveries: readonly Discovery[],
    found: (endpoints: readonly ModelEndpoint[]) => void,
    failed: (error: AndonError) => void,
    resolver: Resolver = machine,
  ) {
    for (const { endpoint } of discoveries)
      if (!/^http:/i.test(endpoint.url))
        throw new AndonError(
          'invalid',
          `The endpoint "${endpoint.name}" is to be found at ${endpoint.url}: only http:// can be, because a certificate names no addresses.`,
        )
    this.#discoveries = discoveries
    this.#found = found
    this.#failed = failed
    this.#resolver = resolver
  }

  /** Looks for all of them once, and from then on regularly. Resolves when the first look is over; never rejects. */
  async start(): Promise<void> {
    await Promise.all(this.#discoveries.map((discovery) => this.#look(discovery)))
    if (this.#closed) return
    for (const discovery of this.#discoveries)
      this.#timers.push(setInterval(() => void this.#look(discovery), discovery.everyMs ?? usualMs).unref())
  }

  [Symbol.dispose](): void {
    this.#closed = true
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #look(discovery: Discovery): Promise<void> {
    // A resolver that does not answer may take longer than the time between two looks.
    if (this.#looking.has(discovery)) return
    this.#looking.add(discovery)
    const addresses = await this.#addresses(discovery)
    this.#looking.delete(discovery)
    if (this.#closed) return
    // A name that cannot be looked up just now says nothing about those who stood behind it.
    if (addresses.length === 0) return this.#miss(discovery)
    if ((this.#missing.get(discovery) ?? 0) >= patientLooks) this.#failed(foundAtLast(discovery))
    this.#missing.delete(discovery)
    const { endpoint } = discovery
    const now = [...new Set(addresses)].sort().map((host): ModelEndpoint => {
      const url = new URL(endpoint.url)
      url.host = host
      return { ...endpoint, name: nameOf(endpoint.name, host), url: url.href }
    })
    const before = this.#known.get(discovery)
    if (before?.map(({ url }) => url).join() === now.map(({ url }) => url).join()) return
    this.#known.set(discovery, now)
    try {
      this.#found([...this.#known.values()].flat())
    } catch (reason) {
      this.#failed(AndonError.from(reason))
    }
  }

  /** Told once, and not at the first look: a machine that has just started may not know its names yet. */
  #miss(discovery: Discovery): void {
    if (this.#known.has(discovery)) return
    const looks = (this.#missing.get(discovery) ?? 0) + 1
    this.#missing.set(discovery, looks)
    if (looks === patientLooks) this.#failed(notFound(discovery))
  }

  /** Hosts with their ports; none when the name has none, or cannot be looked up just now. */
  async #addresses(discovery: Discovery): Promise<string[]> {
    const { endpoint, records, family = this.#settled.has(discovery) ? 4 : undefined } = discovery
    const { hostname, port } = new URL(endpoint.url)
    if (records === 'service') {
      const services = await this.#resolver.resolveSrv(hostname).catch(() => [])
      return services.map(({ name, port }) => `${name}:${port}`)
    }
    const host = hostname.replace(/^\[|\]$/g, '')
    let addresses = await this.#of(host, family ?? 4)
    if (addresses?.length === 0 && family === undefined) addresses = await this.#of(host, 6)
    else if (family === undefined && addresses !== undefined) this.#settled.add(discovery)
    const tail = port === '' ? '' : `:${port}`
    return (addresses ?? []).map((address) => (isIPv6(address) ? `[${address}]` : address) + tail)
  }

  /** Addresses of one family; undefined when nobody knows just now. */
  async #of(host: string, family: 4 | 6): Promise<string[] | undefined> {
    try {
      return (await this.#resolver.lookup(host, family)).map(({ address }) => address)
    } catch (reason) {
      // What the machine says of a name that has no address of this family, or none at all.
      return reason instanceof Error && 'code' in reason && reason.code === 'ENOTFOUND' ? [] : undefined
    }
  }
}

function notFound({ endpoint, everyMs = usualMs }: Discovery): AndonError {
  const { hostname } = new URL(endpoint.url)
  return new AndonError(
    'unavailable',
    `The name ${hostname} of the endpoint "${endpoint.name}" has no address, so nothing can be sent there. Check its url and the DNS: it is looked up again every ${everyMs / 1_000} s.`,
  )
}

function foundAtLast({ endpoint }: Discovery): AndonError {
  const { hostname } = new URL(endpoint.url)
  return new AndonError(
    'unavailable',
    `The endpoint "${endpoint.name}" had no address until now: ${hostname} is found, and used from now on.`,
  )
}

/** Looks in vain before it is told. */
const patientLooks = 2

/** Between two looks, in milliseconds, when nothing else is said. */
const usualMs = 10_000

/** The longest name that an endpoint may have. */
const longestName = 64

/** A name of its own for each host; what is too long for one ends in a hash. */
function nameOf(common: string, host: string): string {
  const name = `${common}:${host}`.replace(/[[\]]/g, '').replace(/[^\w.:-]/g, '-')
  if (name.length <= longestName) return name
  const hash = createHash('sha256').update(host).digest('hex').slice(0, 12)
  return `${name.slice(0, longestName - hash.length - 1)}:${hash}`
}

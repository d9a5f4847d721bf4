// Endpoints that stand behind one name in the DNS, as the pods of a headless service do: each address is an endpoint of
// its own, because the balance has to see the replicas and not the name.

import { createHash } from 'node:crypto'
import { resolve4, resolve6, resolveSrv } from 'node:dns/promises'
import { AndonError } from '../core/errors.ts'
import type { ModelEndpoint } from './endpoint.ts'

/** A name in the DNS whose addresses are endpoints. */
export interface Discovery {
  /** What all of them have in common. Its `url` names the host: `http://vllm.models.svc:8000`. */
  readonly endpoint: ModelEndpoint
  /** `address` (A and AAAA records; the url's port) or `service` (SRV records, which say the port). Default `address`. */
  readonly records?: 'address' | 'service'
  /** Milliseconds between two looks. Default 10,000. */
  readonly everyMs?: number
}

/** Where names are looked up. */
export interface Resolver {
  resolve4(host: string): Promise<string[]>
  resolve6(host: string): Promise<string[]>
  resolveSrv(host: string): Promise<{ name: string; port: number }[]>
}

export class Discoveries implements Disposable {
  readonly #discoveries: readonly Discovery[]
  readonly #found: (endpoints: readonly ModelEndpoint[]) => void
  readonly #failed: (error: AndonError) => void
  readonly #resolver: Resolver
  readonly #timers: NodeJS.Timeout[] = []
  readonly #known = new Map<Discovery, readonly ModelEndpoint[]>()
  #closed = false

  /**
   * `found` hears all endpoints whenever they have changed. When it throws, `failed` hears why, once for each change, and
   * those that were found before stay.
   */
  constructor(
    discoveries: readonly Discovery[],
    found: (endpoints: readonly ModelEndpoint[]) => void,
    failed: (error: AndonError) => void,
    resolver: Resolver = { resolve4, resolve6, resolveSrv },
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
      this.#timers.push(setInterval(() => void this.#look(discovery), discovery.everyMs ?? 10_000).unref())
  }

  [Symbol.dispose](): void {
    this.#closed = true
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #look(discovery: Discovery): Promise<void> {
    const addresses = await this.#addresses(discovery)
    // A name that cannot be looked up just now says nothing about those who stood behind it.
    if (this.#closed || addresses.length === 0) return
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

  /** Hosts with their ports; none when the name has none, or cannot be looked up just now. */
  async #addresses({ endpoint, records }: Discovery): Promise<string[]> {
    const { hostname, port } = new URL(endpoint.url)
    const ask = <Answer>(question: Promise<Answer[]>): Promise<Answer[]> => question.catch(() => [])
    if (records === 'service')
      return (await ask(this.#resolver.resolveSrv(hostname))).map(({ name, port }) => `${name}:${port}`)
    const [four, six] = await Promise.all([
      ask(this.#resolver.resolve4(hostname)),
      ask(this.#resolver.resolve6(hostname)),
    ])
    const tail = port === '' ? '' : `:${port}`
    return [...four.map((address) => address + tail), ...six.map((address) => `[${address}]${tail}`)]
  }
}

/** The longest name that an endpoint may have. */
const longestName = 64

/** A name of its own for each host; what is too long for one ends in a hash. */
function nameOf(common: string, host: string): string {
  const name = `${common}:${host}`.replace(/[[\]]/g, '').replace(/[^\w.:-]/g, '-')
  if (name.length <= longestName) return name
  const hash = createHash('sha256').update(host).digest('hex').slice(0, 12)
  return `${name.slice(0, longestName - hash.length - 1)}:${hash}`
}

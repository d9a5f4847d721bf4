// Which addresses documents may be fetched from. A link makes this machine ask another in its own name, so that only
// hosts that the operator listed are asked, and none of these may turn out to be a machine of the house.

import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { AndonError } from '../core/errors.ts'

/** Where a link leads, once it was checked: the address that is asked, whatever the name means later. */
export interface Destination {
  url: URL
  address: string
  family: 4 | 6
}

/** Tells the addresses of a name. */
export type Resolve = (name: string) => Promise<{ address: string; family: number }[]>

/** Addresses that are no public host: private, local, shared, for tests, or for many. */
const inner = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inner.addSubnet(net, prefix, 'ipv4')
// Of IPv6, only what is given out to the world is let through, and of that nothing that carries an IPv4 address.
const world = new BlockList()
world.addSubnet('2000::', 3, 'ipv6')
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  inner.addSubnet(net, prefix, 'ipv6')

/** Whether an address is one of the public internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !inner.check(address, 'ipv4')
  if (isIP(address) === 6) return world.check(address, 'ipv6') && !inner.check(address, 'ipv6')
  return false
}

/** One entry of the list of hosts. */
interface Allowed {
  name: string
  /** All names below it, and not itself. */
  below: boolean
  port?: string
  /** An address, or this machine: named so plainly that the operator means it, wherever it leads. */
  inner: boolean
}

/** The hosts that documents may be fetched from. */
export class LinkHosts {
  readonly #allowed: Allowed[]
  readonly #resolve: Resolve
  readonly #option: string

  /** `hosts` as in the option, whose name is in errors. Throws `invalid` for an entry that is no host. */
  constructor(
    hosts: string | undefined,
    resolve: Resolve = (name) => lookup(name, { all: true }),
    option = 'links.hosts',
  ) {
    this.#option = option
    this.#allowed = (hosts ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
      .map((entry) => readEntry(entry, option))
    this.#resolve = resolve
  }

  /**
   * Where an address leads. Throws `invalid` for one that is no web address, `forbidden` for a host that is not listed or
   * that leads into the house, and `unavailable` when its name is not known.
   */
  async find(address: string | URL): Promise<Destination> {
    const url = webAddress(address)
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
    const entry = this.#entryFor(name, port)
    const found = isIP(name) === 0 ? await this.#addressesOf(name) : [{ address: name, family: isIP(name) }]
    // One that leads into the house makes the name suspect, also when others do not.
    const hidden = entry.inner ? undefined : found.find(({ address }) => !isPublic(address))
    if (hidden)
      throw new AndonError(
        'forbidden',
        `${name} leads to ${hidden.address}, which is no address of the public internet. To fetch from there, list the address itself with its port in the option ${this.#option}, like ${hidden.address}:${port}.`,
      )
    const [first] = found
    if (!first) throw unknownHost(name)
    return { url, address: first.address, family: first.family === 6 ? 6 : 4 }
  }

  #entryFor(name: string, port: string): Allowed {
    const listed = this.#allowed.filter((entry) =>
      entry.below ? name.endsWith(`.${entry.name}`) : name === entry.name,
    )
    const entry = listed.find((each) =>
      each.port === undefined ? port === '80' || port === '443' : port === each.port,
    )
    if (entry) return entry
    const why =
      this.#allowed.length === 0
        ? 'Documents are fetched from no host here'
        : listed.length === 0
          ? `Documents are not fetched from ${name}`
          : `Documents are not fetched from port ${port} of ${name}`
    const as = port === '80' || port === '443' ? name : `${name}:${port}`
    throw new AndonError('forbidden', `${why}. To allow it, add ${as} to the option ${this.#option}.`)
  }

  async #addressesOf(name: string): Promise<{ address: string; family: number }[]> {
    try {
      return await this.#resolve(name)
    } catch (reason) {
      throw unknownHost(name, reason)
    }
  }
}

function readEntry(entry: string, option: string): Allowed {
  const below = entry.startsWith('*.')
  const rest = below ? entry.slice(2) : entry
  const bracketed = isIP(rest) === 6 ? `[${rest}]` : rest
  const url = URL.parse(`http://${bracketed}`)
  const plain = url && url.pathname === '/' && url.username === '' && url.search === '' && url.hash === ''
  if (!plain || rest.includes('*') || rest.includes('/'))
    throw new AndonError(
      'invalid',
      `${option} has ${JSON.stringify(entry.slice(0, 100))}: it must be a host, like docs.example.org, *.example.org or 10.0.0.7:8080.`,
    )
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // A port of 80 is what a web address leaves out.
  const port = /:(\d+)$/.exec(bracketed)?.[1]
  const literal = isIP(name) !== 0 || name === 'localhost'
  return { name, below, inner: !below && literal && port !== undefined, ...(port === undefined ? {} : { port }) }
}

function webAddress(address: string | URL): URL {
  const url = URL.parse(String(address))
  const shown = String(address).slice(0, 200)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new AndonError(
      'invalid',
      `${JSON.stringify(shown)} is no web address. It must begin with https:// or http://.`,
    )
  if (url.username !== '' || url.password !== '')
    throw new AndonError('invalid', 'The link carries a name or a password. Documents are fetched without any.')
  return url
}

function unknownHost(name: string, cause?: unknown): AndonError {
  return new AndonError('unavailable', `The host ${name} of the link is not known. Check its spelling.`, { cause })
}

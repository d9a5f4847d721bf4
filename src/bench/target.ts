// What is measured: a name, an address, what it speaks, and which model is asked for.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { AndonError } from '../core/errors.ts'

/** One side of a measurement. Plain data, so that workers can be given it; a key is named, never held. */
export interface Target {
  /** Short and unique in the run. */
  name: string
  /** The base address: `http://127.0.0.1:8000/v1` of an OpenAI-compatible server, `http://127.0.0.1:8642` of Andon. */
  url: string
  /** `openai`: POST /chat/completions. `andon`: POST /v1/ask, with its stages and spans. */
  speaks: 'openai' | 'andon'
  /** Absent for Andon's own door. */
  model?: string
  /** Environment variable that holds the key sent as a bearer token. */
  keyVariable?: string
}

/** Reads `name=address`. A bare address is named by its host and port. */
export function targetOf(text: string, speaks: Target['speaks']): Target {
  const split = /^([A-Za-z][\w.-]{0,39})=(.+)$/.exec(text)
  const address = split?.[2] ?? text
  const url = URL.parse(address.includes('://') ? address : `http://${address}`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    throw new AndonError('invalid', `--target is "${text}": give NAME=http://HOST:PORT.`)
  if (url.username !== '' || url.password !== '' || url.search !== '')
    throw new AndonError(
      'invalid',
      '--target holds a password or a query: give the key in an environment variable and its name as --key-env.',
    )
  let path = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|v1\/ask)$/, '')
  if (speaks === 'openai' && path === '') path = '/v1'
  return { name: split?.[1] ?? url.host, url: url.origin + path, speaks }
}

/** The headers of a request to a target. The key is read where it is sent, and nowhere kept. */
export function headersFor({ keyVariable }: Target): Record<string, string> {
  const key = keyVariable === undefined ? undefined : process.env[keyVariable]
  return { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) }
}

/**
 * Throws `forbidden` unless every address that the target's host stands for is one of this machine: a load meant for a
 * test server must not reach somebody else's by a slip of the hand.
 */
export async function mustBeHere(target: Target): Promise<void> {
  const host = new URL(target.url).hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? (await resolved(host)).map(({ address }) => address) : [host]
  const own = new Set(
    Object.values(networkInterfaces())
      .flat()
      .map((each) => each?.address),
  )
  const here = (address: string): boolean => own.has(address) || address === '::1' || address.startsWith('127.')
  if (addresses.length > 0 && addresses.every(here)) return
  throw new AndonError(
    'forbidden',
    `The target ${target.name} (${host}) is not this machine: give --allow-remote if it is yours to load.`,
  )
}

async function resolved(host: string): Promise<{ address: string }[]> {
  try {
    return await lookup(host, { all: true })
  } catch (reason) {
    throw new AndonError('unavailable', `The name ${host} stands for no address: correct --target.`, { cause: reason })
  }
}

// Who a request comes from, and whether its route is open to them. A key or a token says so; without one, only a request
// from this very machine is let in, and only while the door is open to this machine alone.

import type { FastifyReply } from 'fastify'
import { AndonError } from '../../core/errors.ts'
import type { Factory } from '../../core/factory.ts'
import type { KeyInfo, Scope } from '../../core/key.ts'
import type { App, Door, Principal } from '../door.ts'
import { isLoopback } from '../host-guard.ts'
import { passedOn, secretOf, type Headed } from './credentials.ts'
import { openTokens } from './tokens.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Who the request comes from by now, for connections that stay open: a key may be revoked and a token expire. Throws
     * what a new request would be refused with.
     */
    identifyAgain(): Promise<Principal>
  }
}

/** What secrets of keys begin with. */
const keyPrefix = 'andon_'

/**
 * Adds the principal to every request, or refuses it before its body is read. Routes whose scope is `open`, and paths
 * where nothing is, need no identity. Throws `invalid` for options that would let in too many. Returns how to tell who
 * anybody is, for requests that do not come by the routes. With `anyKey`, keys may look like anything, and are those of
 * `andon gateway`.
 */
export function addIdentity(
  app: App,
  door: { factory: Pick<Factory, 'keyOf'>; options: Pick<Door['options'], 'auth'> },
  { host, tenant, anyKey = false }: { host: string; tenant: string; anyKey?: boolean },
): Identify {
  const tokens = openTokens(door.options.auth)
  const advice = anyKey ? ofGateway : ofDoor
  const nobody: Principal = { kind: 'anonymous', name: 'anonymous', tenant, scopes: [] }
  const anonymous: Principal = { ...nobody, scopes: ['ask', 'load', 'admin'] }
  const letsAnonymousIn = isLoopback(host) && !door.options.auth.required

  // Whom nothing has to be asked about is told at once: a promise would cost more than all that is looked at.
  function identify(request: Headed): Principal | Promise<Principal> {
    const secret = secretOf(request)
    const fromHere = letsAnonymousIn && !passedOn(request)
    if (secret === undefined) {
      if (fromHere) return anonymous
      throw new AndonError('unauthenticated', letsAnonymousIn ? `${passedOnNeeds} ${advice.send}` : advice.send)
    }
    if (secret === '') throw new AndonError('unauthenticated', `The credentials cannot be read. ${advice.send}`)
    return identifyBy(secret, fromHere)
  }

  async function identifyBy(secret: string, fromHere: boolean): Promise<Principal> {
    const isOurs = secret.startsWith(keyPrefix)
    if (isOurs || anyKey) {
      const key = await door.factory.keyOf(secret)
      if (key !== undefined) return principalOf(key)
      if (isOurs) throw new AndonError('unauthenticated', 'This key is not known here, was revoked, or has expired.')
    }
    if (tokens) return await tokens.principalOf(secret)
    // OpenAI's clients cannot be made without a key; what stands there in its place says nothing and opens nothing.
    if (fromHere) return anonymous
    if (anyKey) throw new AndonError('unauthenticated', `This key is not known here. ${advice.send}`)
    throw new AndonError('unauthenticated', `Keys of Andon begin with ${keyPrefix}, and this does not.`)
  }

  app.decorateRequest('principal')
  app.decorateRequest('identifyAgain', async function identifyAgain() {
    const { scope = 'admin' } = this.routeOptions.config
    const principal = await identify(this)
    if (scope !== 'any' && scope !== 'open') mustHave(principal, scope, advice)
    return principal
  })
  app.addHook('onRequest', async (request, reply) => {
    request.principal = nobody
    const { scope = 'admin' } = request.routeOptions.config
    if (request.is404 || scope === 'open') return
    try {
      request.principal = await identify(request)
      if (scope !== 'any') mustHave(request.principal, scope, advice)
    } catch (reason) {
      challenge(reply, AndonError.from(reason), { given: secretOf(request) !== undefined, scope })
      throw reason
    }
  })
  const mayDo = (principal: Principal, needed: Scope): Principal => {
    mustHave(principal, needed, advice)
    return principal
  }
  return (request, needed) => {
    const found = identify(request)
    return found instanceof Promise ? found.then((principal) => mayDo(principal, needed)) : mayDo(found, needed)
  }
}

/**
 * Who a request comes from, by its headers alone: at once when nothing has to be looked up. Throws what it would be
 * refused with.
 */
export type Identify = (request: Headed, needed: Scope) => Principal | Promise<Principal>

/** Where keys come from, for who has none or one that may not do enough. */
interface KeyAdvice {
  readonly send: string
  scope(needed: Scope): string
}

const ofDoor: KeyAdvice = {
  send: 'Send a key as "Authorization: Bearer andon_…"; on the machine of the server, "andon keys create --name me" makes one.',
  scope: (needed) => `"andon keys create --scope ${needed}" makes one that may.`,
}
const ofGateway: KeyAdvice = {
  send: 'Send a key as "Authorization: Bearer …"; the gateway has them from --keys FILE or ANDON_GATEWAY_KEYS.',
  scope: (needed) => `Its owner may give it that in the file of --keys: "scopes": ["ask", "${needed}"].`,
}
const passedOnNeeds = 'This request came through a proxy, so it needs a key though the proxy is on this machine.'

function principalOf({ id, name, tenant, scopes }: KeyInfo): Principal {
  return { kind: 'key', name, tenant, scopes, keyId: id }
}

function mustHave({ kind, name, scopes }: Principal, needed: Scope, ofKeys: KeyAdvice): void {
  if (scopes.includes(needed) || scopes.includes('admin')) return
  const may = scopes.length === 0 ? 'nothing' : scopes.join(' and ')
  const advice = kind === 'key' ? ` ${ofKeys.scope(needed)}` : ''
  throw new AndonError(
    'forbidden',
    `This needs the scope ${needed}; the ${kind} ${JSON.stringify(name)} has ${may}.${advice}`,
  )
}

/** RFC 6750: what kind of credentials the door takes, and what was wrong with these. */
function challenge(reply: FastifyReply, error: AndonError, { given, scope }: { given: boolean; scope: string }): void {
  const realm = 'Bearer realm="andon"'
  if (error.code === 'unauthenticated')
    void reply.header('www-authenticate', given ? `${realm}, error="invalid_token"` : realm)
  if (error.code === 'forbidden')
    void reply.header('www-authenticate', `${realm}, error="insufficient_scope", scope="${scope}"`)
}

// What is loaded before Portkey's gateway so that it can be measured; the report says so. Nothing else of it is changed.
//
// 1. Installed today it answers every stream with `TypeError: immutable` (Portkey-AI/gateway#1389), because the headers of
//    a fetched response cannot be written to. Here each fetched response gets headers of its own.
// 2. It listens on every interface, at a fixed port. Here it listens on this machine only, at a free one, and says which.

import { Server, type AddressInfo } from 'node:net'

const bare = globalThis.fetch
globalThis.fetch = async (...args) => {
  const { body, status, statusText, headers } = await bare(...args)
  // These have no body, and a Response refuses to be made with one.
  const whole = status === 204 || status === 304 ? null : body
  return new Response(whole, { status, statusText, headers: new Headers(headers) })
}

const listen = Reflect.get(Server.prototype, 'listen') as (this: Server, ...args: unknown[]) => Server
Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const listening = args.findLast((arg) => typeof arg === 'function')
  this.once('listening', () => {
    process.send?.({ url: `http://127.0.0.1:${(this.address() as AddressInfo).port}` })
  })
  return listen.call(this, { host: '127.0.0.1', port: 0, backlog: 4_096 }, listening)
}

process.once('disconnect', () => process.exit())

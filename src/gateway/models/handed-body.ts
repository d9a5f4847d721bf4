// A body that was read to see which model it asks for, and turned out to be for the routes: they read it again from here.

import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { App } from '../door.ts'

const bodies = new WeakMap<IncomingMessage, Buffer>()

/** Keeps what was read of a request for the routes. */
export function handBody(request: IncomingMessage, body: Buffer): void {
  bodies.set(request, body)
}

/** Lets the routes read such bodies. */
export function addHandedBodies(app: App): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    const body = bodies.get(request.raw)
    if (body === undefined) return payload
    const again = new Readable({ read: () => {} })
    again.push(body)
    again.push(null)
    return again
  })
}

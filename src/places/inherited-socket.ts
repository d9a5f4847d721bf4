// The wire of a process over a socket that it was started with: file descriptor 3.

import { Socket } from 'node:net'
import type { Wire } from './port.ts'
import { socketWire } from './socket.ts'

/** The far side's wire. The process ends with it, as with the channel of a forked one. */
export function inheritedSocketWire(): Wire {
  const socket = new Socket({ fd: 3, readable: true, writable: true })
  socket.once('close', () => process.exit(0))
  return socketWire(socket)
}

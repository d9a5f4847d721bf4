// Large buffers can be moved to another thread instead of copied, when the one who sends them says so.

const buffers = new WeakMap<object, readonly ArrayBuffer[]>()

/**
 * Declares that these buffers belong to whoever receives the value (an item or an input) from now on: a thread moves
 * them without copying, a process and a socket copy them, inline they are simply handed over. After passing the value
 * on, the sender must not touch them again, wherever it runs. A buffer that is part of a pool (a small `Buffer`, a
 * slice of a larger array) must not be moved, since its neighbours would move with it.
 */
export function moved<Value extends object>(value: Value, moving: readonly ArrayBuffer[]): Value {
  buffers.set(value, moving)
  return value
}

/** What {@link moved} declared for a value. */
export function movedBuffers(value: unknown): readonly ArrayBuffer[] | undefined {
  return typeof value === 'object' && value !== null ? buffers.get(value) : undefined
}

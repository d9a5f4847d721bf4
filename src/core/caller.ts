// Who asks, and how to stop it: the options that every request to a factory takes.

/** A key, and what people call it. */
export interface CallKey {
  readonly id: string
  readonly name: string
}

export interface Caller {
  /** Whose documents. Default `default`. */
  tenant?: string
  /** The key that they ask with: what models cost is charged to its budget, too. */
  key?: CallKey
  signal?: AbortSignal
  /** W3C traceparent. */
  trace?: string
}

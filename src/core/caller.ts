// Who asks, and how to stop it: the options that every request to a factory takes.

export interface Caller {
  /** Whose documents. Default `default`. */
  tenant?: string
  signal?: AbortSignal
  /** W3C traceparent. */
  trace?: string
}

// What a connector is told of a service and of one of its operations, as plain data that crosses to a worker.

/** Where a value of a request stands. */
export type Place = 'path' | 'query' | 'header' | 'cookie'

/** How arrays and objects are written there, in the words of OpenAPI. */
export type Style = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject'

/** A secret, and where it stands in a request. */
export type Credential = { in: 'header' | 'query' | 'cookie'; name: string; value: string }

/** How to reach a service. */
export type ServiceConfig = {
  /** Of http or https, without a slash at its end: every request goes to its origin, below its path. */
  baseUrl: string
  /** Sent with every request; names in small letters. */
  headers: { [name: string]: string }
  /** By name of the security scheme. */
  credentials: { [scheme: string]: Credential }
  /** At once, of one worker. */
  connections: number
  maxResponseBytes: number
}

/** How one value gets from the arguments into a request. */
export type Parameter = {
  argument: string
  /** As the service calls it. */
  name: string
  in: Place
  style: Style
  explode: boolean
  /** Characters such as `/` stay as they are. */
  reserved?: true
  /** Written as JSON. */
  json?: true
}

/** One field of a body. */
export type BodyField = {
  argument: string
  name: string
  style: Style
  explode: boolean
  /** Given as {@link FileArgument}s. */
  file?: true
  /** Of a part of a multipart body. */
  mediaType?: string
}

/** How a body is made: of several arguments, or of one. */
export type Body = { mediaType: string; kind: 'json' | 'form' | 'multipart' | 'text' | 'file' } & (
  | { fields: BodyField[]; required: boolean }
  | { argument: string }
)

/** One operation of a service. */
export type Operation = {
  /** In capital letters. */
  method: string
  /** Below the base URL, with `{names}`. */
  path: string
  parameters: Parameter[]
  body?: Body
  /** Names of those that go along. */
  credentials: string[]
  /** Asked again when a connection that was kept open turns out to be closed. */
  idempotent: boolean
}

/** Bytes as an argument. */
export interface FileArgument {
  base64: string
  mediaType?: string
  filename?: string
}

// The part of WebAssembly's interface that is used here: Node has it, TypeScript knows it only with a browser's types.

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  /** Grows by pages of 64 KiB; throws a RangeError at the maximum. */
  grow(pages: number): number
}

interface WebAssemblyInterface {
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: { env: { memory: SharedMemory } }) => { exports: Record<string, unknown> }
}

export const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly

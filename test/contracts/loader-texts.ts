// The texts of documents that are loaded while their process is killed: each line says whose it is.

export const linesPerDocument = 6

/** A document whose lines all name it and its version. */
export function linesOf(name: string, version: number): string {
  return Array.from({ length: linesPerDocument }, (_, line) => `doc${name} version${version} line${line} common`).join(
    '\n',
  )
}

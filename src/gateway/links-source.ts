// A link as a document to add: fetched by the rules of the options, and named after where it was.

import type { DocumentSource } from '../core/factory.ts'
import type { DoorOptions } from './door.ts'
import { fetchLink } from '../links/fetch.ts'
import { LinkHosts } from '../links/hosts.ts'

/** What is said about a document beside what it says. */
export type AboutDocument = Pick<DocumentSource, 'name' | 'collection' | 'title' | 'metadata'>

/** A document that comes from a link. Disposing gives the connection up. */
export interface LinkSource extends AsyncDisposable {
  readonly source: DocumentSource
}

/** Opens links. Throws `invalid` when the option `links.hosts` names something that is no host. */
export class Links {
  readonly #options: Pick<DoorOptions, 'links' | 'loading'>
  readonly #hosts: LinkHosts

  constructor(options: Pick<DoorOptions, 'links' | 'loading'>) {
    this.#options = options
    this.#hosts = new LinkHosts(options.links.hosts)
  }

  /** The document at an address, its bytes still to come; its metadata gets the key `source`. Throws when there is none. */
  async open(url: string, about: AboutDocument, signal: AbortSignal | undefined): Promise<LinkSource> {
    const { links, loading } = this.#options
    const fetched = await fetchLink(url, {
      hosts: this.#hosts,
      timeoutMs: links.timeoutMs,
      maxBytes: Math.min(links.maxBytes ?? Infinity, loading.maxBytes),
      signal,
    })
    const { bytes, name, mediaType } = fetched
    return {
      source: {
        name,
        ...about,
        bytes,
        metadata: { ...about.metadata, source: url },
        ...(mediaType === undefined ? {} : { mediaType }),
      },
      [Symbol.asyncDispose]: () => fetched[Symbol.asyncDispose](),
    }
  }
}

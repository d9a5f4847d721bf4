// andon list: the documents, with what each is worth and what is wrong with it.

import { Command } from 'commander'
import type { DocumentInfo, DocumentStatus } from '../core/document.ts'
import type { Caller, Factory } from '../core/factory.ts'
import { AndonError } from '../core/errors.ts'
import { wholeNumber } from './ask.ts'
import { bytes, counted, table, when } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'

interface ListOptions extends CommonOptions {
  collection?: string
  status?: string
  limit?: string
}

const statuses: DocumentStatus[] = ['waiting', 'loading', 'ready', 'failed', 'quarantined', 'removed']
const pageSize = 500

/** The command `list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('list the documents')
    .option('--collection <name>', 'only this collection')
    .option('--status <status>', `only documents that are ${statuses.join(', ')}`)
    .option('--limit <number>', 'at most so many (default: all)')
    .addHelpText('after', '\nExample:\n  andon list --status failed')
  return withCommonOptions(command).action(async (options: ListOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const documents = await everyDocument(await factory(), queryOf(options), caller)
      output.result(documents)
      const isNarrowed = options.collection !== undefined || options.status !== undefined
      if (documents.length === 0)
        output.line(isNarrowed ? 'No document is like that.' : 'No documents. Add some: andon add ./docs')
      else for (const line of rowsOf(documents)) output.line(line)
      for (const document of documents) {
        if (document.reason !== undefined && !output.json)
          output.note(
            document.reason.includes(document.name) ? document.reason : `${document.name}: ${document.reason}`,
          )
      }
    })
  })
}

interface Query {
  collection?: string
  status?: DocumentStatus
  limit: number
}

function queryOf(options: ListOptions): Query {
  const status = statuses.find((each) => each === options.status)
  if (options.status !== undefined && status === undefined) {
    throw new AndonError(
      'invalid',
      `--status is ${JSON.stringify(options.status)}: it must be one of ${statuses.join(', ')}.`,
    )
  }
  return {
    limit: options.limit === undefined ? Infinity : wholeNumber(options.limit, '--limit', 1_000_000),
    ...(options.collection === undefined ? {} : { collection: options.collection }),
    ...(status === undefined ? {} : { status }),
  }
}

/** Documents page after page, up to the query's limit. */
async function everyDocument(factory: Factory, query: Query, caller: Caller): Promise<DocumentInfo[]> {
  const { limit, ...rest } = query
  const documents: DocumentInfo[] = []
  while (documents.length < limit) {
    const after = documents.at(-1)?.id
    const page = await factory.list(
      { ...rest, limit: Math.min(pageSize, limit - documents.length), ...(after === undefined ? {} : { after }) },
      caller,
    )
    documents.push(...page)
    if (page.length === 0) break
  }
  return documents
}

function rowsOf(documents: DocumentInfo[]): string[] {
  const rows = documents.map((each) => [
    each.id,
    each.status,
    String(each.passages),
    bytes(each.size),
    when(each.updatedAt),
    each.collection,
    each.name,
  ])
  const lines = table(['ID', 'STATUS', 'PASSAGES', 'SIZE', 'CHANGED', 'COLLECTION', 'NAME'], rows)
  return [...lines, '', counted(documents.length, 'document')]
}

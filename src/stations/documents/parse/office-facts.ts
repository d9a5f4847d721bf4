// Title, author and date that every Office file carries in `docProps/core.xml`.

import { first, xmlPart } from './xml.ts'
import type { PartBuilder } from './builder.ts'
import type { Zip } from './zip.ts'

/** Adds them to a part. Word processors put file names and "PowerPoint Presentation" into the title; those are left out. */
export async function addOfficeFacts(builder: PartBuilder, zip: Zip, name: string): Promise<void> {
  const core = await xmlPart(zip, 'docProps/core.xml', name)
  if (core === undefined) return
  const value = (element: string): string | undefined => first(core, element)?.text
  const title = value('dc:title')?.trim()
  if (
    title !== undefined &&
    !/^(?:(?:power)?point presentation|untitled|document\d*)$|\.(?:docx?|xlsx?|pptx?)$/i.test(title)
  )
    builder.title(title)
  builder.property('author', value('dc:creator'))
  builder.property('subject', value('dc:subject'))
  builder.property('modified', value('dcterms:modified')?.slice(0, 10))
}

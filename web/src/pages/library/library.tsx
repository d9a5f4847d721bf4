// The Library page.

import { t } from '../../words.ts'

/** The Library page. */
export function LibraryPage({ document }: { document: string | undefined }) {
  return (
    <main id="main" data-document={document}>
      <h1>{t('library')}</h1>
    </main>
  )
}

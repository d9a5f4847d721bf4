// The question before something is deleted that cannot be brought back.

import { t } from '../words.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

/** Says what will be gone; `onYes` when it is to be, after it has closed. */
export function ForGood({ what, onYes, onClose }: { what: string; onYes: () => void; onClose: () => void }) {
  const yes = (): void => {
    onClose()
    onYes()
  }
  const actions = (
    <>
      <Button kind="stop" onClick={yes}>
        {t('for-good')}
      </Button>
      <Button kind="ghost" onClick={onClose}>
        {t('cancel')}
      </Button>
    </>
  )
  return (
    <Dialog title={t('for-good')} onClose={onClose} actions={actions}>
      <p>{what}</p>
    </Dialog>
  )
}

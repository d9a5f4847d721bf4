// The conversations at the left: grouped by day, searched, renamed in place, deleted with a way back, or for good.

import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { SessionInfo } from '../../../../src/core/session.ts'
import { langOfText } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { ForGood } from '../../parts/for-good.tsx'
import { Icon } from '../../parts/icon.tsx'
import { show as toast } from '../../parts/toast.tsx'
import { go } from '../../router.ts'
import { forget, type Conversation } from './conversation.ts'
import { erase, failed, hasMore, listen, remove, rename, restore, search, sessions, showMore } from './list.ts'
import { t as frame } from '../../words.ts'
import { t } from './words.ts'

/** Whether the list is shown where it has no column of its own. */
export const listShown = signal(false)

/** Where the words that are looked for are written. */
export const searchField = signal<HTMLInputElement | null>(null)

/** The deleted conversation that is asked about: whether it is to be gone for good. */
const erasing = signal<SessionInfo | undefined>(undefined)

/** The list. `current` is the conversation that is shown. */
export function Conversations({ current, onNew }: { current: Conversation | undefined; onNew: () => void }) {
  const place = useRef<HTMLElement>(null)
  useEffect(listen, [])
  const isShown = listShown.value
  useLayoutEffect(() => {
    const { activeElement } = document
    // The focus goes along with what stands in front, and back to what brought it there.
    if (isShown) place.current?.querySelector('button')?.focus()
    return () => {
      const now = document.activeElement
      const isLeft = now === document.body || now === null || (place.current?.contains(now) ?? false)
      if (isShown && isLeft && activeElement instanceof HTMLElement) activeElement.focus()
    }
  }, [isShown])
  const found = sessions.value
  const title = current?.title.value
  const isNew = current !== undefined && title !== undefined && found?.some(({ id }) => id === current.id) === false
  const listed: SessionInfo[] = [
    // One that was just begun is known to this page only.
    ...(isNew && search.value === '' ? [{ id: current.id, title, turns: 0, updatedAt: Date.now() }] : []),
    ...(found ?? []),
  ]
  return (
    <nav ref={place} class={`conversations${isShown ? ' shown' : ''}`} aria-label={t('conversations')}>
      <div class="row">
        <Button icon="plus" class="new grow" onClick={onNew}>
          <span class="grow">{t('new')}</span>
          <kbd aria-hidden="true">N</kbd>
        </Button>
        <Button
          kind="ghost"
          icon="close"
          label={frame('close')}
          class="fold"
          onClick={() => (listShown.value = false)}
        />
      </div>
      <div class="conversations-list">
        {groupsOf(listed).map(({ name, list }) => (
          <section key={name}>
            <h3>{t(name)}</h3>
            <ul>
              {list.map((each) => (
                <Row key={each.id} session={each} isCurrent={each.id === current?.id} isKept={each.turns > 0} />
              ))}
            </ul>
          </section>
        ))}
        {found === undefined && failed.value !== undefined && failed.value.status > 401 && (
          <p class="xs mut none" lang={langOfText(failed.value.detail)}>
            {failed.value.detail}
          </p>
        )}
        {found !== undefined && listed.length === 0 && (
          <p class="xs mut none">{search.value.trim() === '' ? t('none.yet') : t('none')}</p>
        )}
        {hasMore.value && (
          <Button kind="ghost" onClick={showMore}>
            {t('older')}
          </Button>
        )}
      </div>
      <label class="find row sm">
        <Icon name="search" />
        <span class="vh">{t('search')}</span>
        <input
          ref={(field) => void (searchField.value = field)}
          type="search"
          maxLength={1000}
          placeholder={t('search.short')}
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.preventDefault()
            search.value = ''
            event.currentTarget.blur()
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      {erasing.value && <Erasing session={erasing.value} />}
    </nav>
  )
}

function Row({ session, isCurrent, isKept }: { session: SessionInfo; isCurrent: boolean; isKept: boolean }) {
  const { id, title } = session
  const [renaming, setRenaming] = useState(false)
  const link = useRef<HTMLAnchorElement>(null)
  const done = (): void => {
    setRenaming(false)
    requestAnimationFrame(() => link.current?.focus())
  }
  const away = async (): Promise<void> => {
    try {
      await remove(id)
    } catch (reason) {
      return toast(String(reason instanceof Error ? reason.message : reason))
    }
    forget(id)
    if (isCurrent) go('/')
    const back = async (): Promise<void> => {
      await restore(id)
      if (isCurrent) go(`/s/${encodeURIComponent(id)}`)
    }
    toast(t('removed', { name: title }), back, { label: frame('for-good'), act: () => (erasing.value = session) })
  }
  if (renaming) return <Renaming session={session} onDone={done} />
  return (
    <li class="conversation">
      <a
        ref={link}
        href={`/s/${encodeURIComponent(id)}`}
        aria-current={isCurrent ? 'page' : undefined}
        lang={langOfText(title)}
        title={title}
        onClick={() => (listShown.value = false)}
      >
        <span class="ell">{title}</span>
      </a>
      {isKept && (
        <span class="conversation-acts">
          <Button kind="ghost" icon="edit" label={t('rename', { name: title })} onClick={() => setRenaming(true)} />
          <Button kind="ghost" icon="trash" label={t('remove', { name: title })} onClick={() => void away()} />
        </span>
      )}
    </li>
  )
}

function Erasing({ session: { id, title } }: { session: SessionInfo }) {
  const act = async (): Promise<void> => {
    const failure = await erase(id).catch((reason: unknown) => reason)
    toast(failure instanceof Error ? failure.message : t('removed', { name: title }))
  }
  return (
    <ForGood what={t('erase', { name: title })} onYes={() => void act()} onClose={() => (erasing.value = undefined)} />
  )
}

function Renaming({ session: { id, title }, onDone }: { session: SessionInfo; onDone: () => void }) {
  const field = useRef<HTMLInputElement>(null)
  const over = useRef(false)
  useLayoutEffect(() => field.current?.select(), [])
  const finish = (isKept: boolean): void => {
    if (over.current) return
    over.current = true
    const name = field.current?.value.trim() ?? ''
    if (isKept && name !== '' && name !== title)
      void rename(id, name).catch((reason: unknown) => toast(reason instanceof Error ? reason.message : String(reason)))
    onDone()
  }
  return (
    <li class="conversation">
      <input
        ref={field}
        class="field"
        aria-label={t('name')}
        defaultValue={title}
        maxLength={1000}
        onBlur={() => finish(true)}
        onKeyDown={(event) => {
          if (event.isComposing) return
          if (event.key !== 'Enter' && event.key !== 'Escape') return
          event.preventDefault()
          finish(event.key === 'Enter')
        }}
      />
    </li>
  )
}

type Group = 'today' | 'yesterday' | 'week' | 'earlier'

function groupsOf(list: readonly SessionInfo[]): { name: Group; list: SessionInfo[] }[] {
  const midnight = new Date().setHours(0, 0, 0, 0)
  const day = 86_400_000
  const nameOf = ({ updatedAt }: SessionInfo): Group => {
    if (updatedAt >= midnight) return 'today'
    if (updatedAt >= midnight - day) return 'yesterday'
    return updatedAt >= midnight - 7 * day ? 'week' : 'earlier'
  }
  const names: Group[] = ['today', 'yesterday', 'week', 'earlier']
  return names
    .map((name) => ({ name, list: list.filter((each) => nameOf(each) === name) }))
    .filter((group) => group.list.length > 0)
}

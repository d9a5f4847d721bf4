// The Ask page: conversations, the one that is shown, and the source beside it.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { ApiError } from '../../api/client.ts'
import { useKeys, type Keys } from '../../keyboard.ts'
import { Button } from '../../parts/button.tsx'
import { Failed } from '../../parts/loaded.tsx'
import { Notice } from '../../parts/notice.tsx'
import { go } from '../../router.ts'
import { t as frame } from '../../words.ts'
import { AskedView } from './asked.tsx'
import { Composer, draft, focusComposer } from './composer.tsx'
import { begin, conversationOf, type Conversation } from './conversation.ts'
import { Conversations, listShown, searchField } from './conversations.tsx'
import { Empty } from './empty.tsx'
import { open, opened, show } from './opened.ts'
import { Source } from './source.tsx'
import { t } from './words.ts'
import './ask.css'
import './conversations.css'
import './source.css'

/** The Ask page. */
export function AskPage({ session }: { session: string | undefined }) {
  const conversation = session === undefined ? undefined : conversationOf(session)
  const fresh = (): void => {
    go('/')
    listShown.value = false
    focusComposer()
  }
  useEffect(() => {
    opened.value = undefined
  }, [session])
  const isOpen = opened.value !== undefined
  useKeys({
    n: fresh,
    '/': () => {
      // Where it has no column, it is shown first.
      listShown.value = matchMedia('(max-width: 1180px)').matches
      // Behind the rendering, before the next key.
      queueMicrotask(() => searchField.value?.focus())
    },
    Escape: () => {
      if (listShown.value) return void (listShown.value = false)
      const busy = conversation?.busy.value
      if (busy === undefined) return false
      void busy.stop()
      return undefined
    },
    ...digits(conversation),
  })
  const ask = (question: string): void => {
    const into = conversation !== undefined && conversation.state.value === 'here' ? conversation : begin()
    into.ask(question)
    go(`/s/${encodeURIComponent(into.id)}`)
  }
  return (
    <main id="main" class={`ask${isOpen ? ' with-source' : ''}`} data-session={session}>
      <Conversations current={conversation} onNew={fresh} />
      <div class="conv">
        <div class="conv-top">
          <Button
            kind="ghost"
            icon="list"
            expanded={listShown.value}
            onClick={() => (listShown.value = !listShown.value)}
          >
            {t('conversations')}
          </Button>
          <span class="grow" />
          <Button kind="ghost" icon="plus" onClick={fresh}>
            {t('new')}
          </Button>
        </div>
        <h1 class="vh">{conversation?.title.value ?? frame('ask')}</h1>
        <Scrolled conversation={conversation} onAsk={ask} />
        <Composer
          onStop={conversation?.busy.value && (() => void conversation.busy.value?.stop())}
          queued={conversation?.queued.value}
          onUnqueue={() => {
            if (conversation === undefined) return
            draft.value = conversation.queued.value ?? ''
            conversation.queued.value = undefined
            focusComposer()
          }}
          onAsk={ask}
        />
      </div>
      <Source />
    </main>
  )
}

/**
 * The questions and answers. What is written moves the page on until its question stands at the top; from there on the
 * reader does.
 */
function Scrolled({
  conversation,
  onAsk,
}: {
  conversation: Conversation | undefined
  onAsk: (question: string) => void
}) {
  const column = useRef<HTMLDivElement>(null)
  /** Where it was scrolled to; a reader who is above that looks at something else. */
  const reached = useRef(0)
  const count = conversation?.asked.value.length ?? 0
  // Reading it here renders this again with every piece of text.
  const busy = conversation?.busy.value?.told.value
  useLayoutEffect(() => {
    reached.current = 0
    scrollOn(column.current, reached)
  }, [conversation?.id, count])
  useLayoutEffect(() => {
    if (busy !== undefined) scrollOn(column.current, reached)
  })
  const state = conversation?.state.value
  return (
    <div class="scroll" ref={column} tabindex={-1}>
      <div class="col">
        {(conversation === undefined || (state === 'here' && count === 0)) && <Empty onAsk={onAsk} />}
        {state === 'gone' && <Notice title={t('gone')}>{t('gone.text')}</Notice>}
        {state instanceof ApiError && <Failed error={state} again={() => void conversation?.open()} />}
        {conversation?.asked.value.map((asked, index) => (
          <AskedView
            key={asked.key}
            asked={asked}
            isLast={index === count - 1}
            onRetry={() => conversation.retry(asked)}
            onWithdraw={() => {
              if (draft.value.trim() === '') draft.value = asked.question
              conversation.withdraw(asked)
              focusComposer()
            }}
            onAsk={onAsk}
          />
        ))}
      </div>
    </div>
  )
}

function scrollOn(column: HTMLElement | null, reached: { current: number }): void {
  const last = column?.querySelector('.asked:last-child')
  if (column === null || !last) return
  // The column scrolls, or on a narrow window the page, beneath the bar.
  const scrolls = getComputedStyle(column).overflowY === 'auto'
  const place = scrolls ? column : (document.scrollingElement ?? document.documentElement)
  if (place.scrollTop < reached.current - 8) return
  const above = scrolls ? column.getBoundingClientRect().top + 20 : 52 + 12
  const top = place.scrollTop + last.getBoundingClientRect().top - above
  place.scrollTop = Math.max(place.scrollTop, Math.min(top, place.scrollHeight - place.clientHeight))
  reached.current = place.scrollTop
}

/** `1`–`9` open that source: of the open answer, else of the last one. */
function digits(conversation: Conversation | undefined): Keys {
  const at = (index: number) => (): false | void => {
    if (opened.value !== undefined) return show(index) ? undefined : false
    const asked = conversation?.asked.value.findLast(
      ({ version }) => (version.value?.told.value.citations.length ?? 0) > 0,
    )
    const told = asked?.version.value?.told.value
    if (asked === undefined || told?.citations[index] === undefined) return false
    document.querySelector<HTMLElement>(`[data-cite="${told.id}.${index + 1}"]`)?.focus()
    open({ sources: told.citations, at: index, of: told.id ?? '', question: asked.question })
    return undefined
  }
  return Object.fromEntries(Array.from({ length: 9 }, (_, index) => [String(index + 1), at(index)]))
}

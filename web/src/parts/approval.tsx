// A call that waits for a person: who asks, why, the exact call, what holds it in, and how long is left. It goes on
// without them when they say nothing.

import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { ApprovalWord, ToolApproval } from '../../../src/core/tooling.ts'
import { said, say } from '../api/approvals.ts'
import { useKeys } from '../keyboard.ts'
import { bytes, timeLimit } from '../language.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Json } from './json.tsx'
import { Lamp, State } from './lamp.tsx'
import { aboutTool, t } from './tool-words.ts'
import './approval.css'

export interface ApprovalProps {
  approval: ToolApproval
  /** Whether `Escape` declines wherever the focus is; else only while the focus is inside. */
  front?: boolean
  /** Whether it names the answer that waits. */
  order?: boolean
  /** The word was given: the buttons are gone. */
  onSaid?: () => void
}

/** The question, and then what was said to it. */
export function Approval({ approval, front = false, order = false, onSaid }: ApprovalProps) {
  const place = useRef<HTMLDivElement>(null)
  const [title, why] = [useId(), useId()]
  const { id, tool, host, answerId, description } = approval
  const about = aboutTool({ name: tool, description })
  const now = said.value[id]
  const word = (word: ApprovalWord): void => {
    void say(id, word)
    onSaid?.()
  }
  useKeys({
    Escape: () => {
      const isInside = place.current?.contains(document.activeElement) ?? false
      if (!front && !isInside) return false
      // Once is enough: another Escape is for what stands behind.
      if (now !== undefined && now.state !== 'failed') return false
      word('decline')
      return undefined
    },
  })
  if (now !== undefined && now.state !== 'failed')
    return (
      <p class="appr-said sm sec" role="status">
        <Lamp state="idle" />
        <span>{now.state === 'gone' ? t('gone') : t(`said.${now.word}`, { host: host ?? tool })}</span>
      </p>
    )
  return (
    <div class="appr" role="alertdialog" aria-labelledby={title} aria-describedby={why} ref={place} tabindex={-1}>
      <div class="appr-top">
        <State state="backed-up">{t('waiting')}</State>
        <span class="xs mut num">
          {order && answerId !== undefined && (
            <>
              <a href={`/answers/${encodeURIComponent(answerId)}`}>{t('order', { id: answerId.slice(0, 8) })}</a>
              {' · '}
            </>
          )}
          <Left until={approval.expiresAt} />
        </span>
      </div>
      <h3 id={title}>
        {titleOf({ ...approval, tool: '\0' })
          .split('\0')
          .flatMap((piece, index) => (index === 0 ? [piece] : [<code key={index}>{tool}</code>, piece]))}
      </h3>
      <p id={why} class="sm sec" lang={about.lang}>
        {about.text}
      </p>
      <div class="appr-call">
        <Call approval={approval} />
      </div>
      <ul>
        {holdsOf(approval).map(({ text, icon }) => (
          <li key={text}>
            {icon === undefined ? <Lamp state="backed-up" size={11} /> : <Icon name={icon} size={14} />}
            {text}
          </li>
        ))}
      </ul>
      {now?.state === 'failed' && (
        <p class="sm" role="alert">
          {t('not.said', { why: now.why })}
        </p>
      )}
      <div class="appr-acts">
        <Button kind="primary" onClick={() => word('once')}>
          {t('once')}
        </Button>
        {host !== undefined && (
          <Button class="appr-host" onClick={() => word('host')}>
            {t('host', { host })}
          </Button>
        )}
        <span class="grow" />
        <Button kind="ghost" hint="Esc" onClick={() => word('decline')}>
          {t('decline')}
        </Button>
      </div>
    </div>
  )
}

/** The time that is left, by this machine's clock. At nothing the buttons stay: the server's clock decides. */
function Left({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.ceil((until - now) / 1000))
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return <span role="timer">{t('left', { t: text })}</span>
}

/** The exact call: an address as it is read, anything else as its arguments. */
function Call({ approval: { tool, arguments: given } }: { approval: ToolApproval }) {
  const { url, ...rest } = given
  if (tool === 'http_get' && typeof url === 'string' && Object.keys(rest).length === 0)
    return <Json value={`GET ${url}`} />
  return <Json value={given} />
}

/** The question itself. */
export function titleOf({ tool, host, traits }: ToolApproval): string {
  if (traits.destructive) return t('title.change', { tool })
  return host !== undefined && traits.readOnly ? t('title.page', { tool }) : t('title.run', { tool })
}

/** What holds it in, and, with an icon of its own or a lamp, what does not. */
function holdsOf({ tool, traits, trust, limits }: ToolApproval): { text: string; icon?: IconName }[] {
  return [
    ...(traits.destructive ? [{ text: t('hold.destructive') }] : []),
    ...(traits.network ? [{ text: t('hold.network'), icon: 'open' as const }] : []),
    ...(trust === 'untrusted'
      ? [{ text: t('hold.only'), icon: 'check' as const }]
      : tool === 'http_get'
        ? []
        : [{ text: t('hold.user'), icon: 'tool' as const }]),
    ...(traits.readOnly ? [{ text: t('hold.safe'), icon: 'check' as const }] : []),
    { text: t('hold.limits', { t: timeLimit(limits.timeoutMs), b: bytes(limits.outputBytes) }), icon: 'check' },
  ]
}

// The line beneath an answer under way: a lamp, the station in words, Stop.

import { useEffect, useRef, useState } from 'preact/hooks'
import { announce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Lamp } from '../../parts/lamp.tsx'
import { isAsked } from './calls.tsx'
import { openCalls, type Told } from './telling.ts'
import type { Version } from './version.ts'
import { t } from './words.ts'

/** What takes less time needs no line. */
const quietMs = 300
/** A listener is told no more often. */
const saidEveryMs = 5000

/** The line, once the answer takes a while. */
export function Live({ told, version }: { told: Told; version: Version }) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), quietMs)
    return () => clearTimeout(timer)
  }, [])
  const isLost = version.lost.value
  const words = isLost ? t('live.lost') : stationOf(told)
  useSaid(shown ? words : undefined)
  if (!shown) return <div class="live" />
  return (
    <div class="live">
      <Lamp state={isLost ? 'silent' : waits(told) ? 'backed-up' : 'working'} />
      <span class="grow num">{words}</span>
      <Button icon="stop" {...(waits(told) ? {} : { hint: 'Esc' })} onClick={() => void version.stop()}>
        {t('stop')}
      </Button>
    </div>
  )
}

/** Whether nothing goes on until somebody says a word. */
function waits(told: Told): boolean {
  const calls = openCalls(told)
  return calls.length > 0 && calls.every(isAsked)
}

function stationOf(told: Told): string {
  const { phase, stage, checked } = told
  if (phase === 'asking') return t('live.asking')
  const calls = openCalls(told)
  if (waits(told)) return t('live.waits')
  if (calls.length > 0)
    return t('live.calls', { names: calls.flatMap((each) => (isAsked(each) ? [] : [each.name])).join(', ') })
  if (stage === 'understand') return t('live.understand')
  if (stage === 'extract') return t('live.extract')
  if (stage === 'generate') return checked.length === 0 ? t('live.write') : t('live.check', { n: checked.length + 1 })
  return t('live.find')
}

function useSaid(words: string | undefined): void {
  const newest = useRef(words)
  newest.current = words
  useEffect(() => {
    let said: string | undefined
    const say = (): void => {
      if (newest.current !== undefined && newest.current !== said) announce((said = newest.current))
    }
    const timer = setInterval(say, saidEveryMs)
    return () => clearInterval(timer)
  }, [])
}

// The words of "What happened".

import { langOfText, words } from '../../language.ts'
import { placeWords } from '../../parts/tool-words.ts'

export const t = words({
  title: ['What happened', '经过'],
  today: ['today', '今天'],
  back: ['Back to the answer', '回到回答'],
  order: ['order {id} · {day} {time}', '单号 {id} · {day} {time}'],
  done: ['Answered in {t}.', '用时 {t} 作答。'],
  running: ['Being answered, for {t} so far.', '正在作答，已用 {t}。'],
  failed: ['Failed after {t}: {why}', '{t} 后失败：{why}'],
  stopped: ['Stopped by its reader after {t}.', '{t} 后由提问者停止。'],
  interrupted: [
    'Andon ended before the answer did. What was written by then was kept.',
    '回答尚未写完，Andon 已退出。当时写好的内容已保留。',
  ],
  lost: ['{n} {n|attempt|attempts} failed and cost {t}.', '{n} 次尝试失败，损失 {t}。'],
  'lost.then': ['Attempt {n} wrote the answer.', '第 {n} 次尝试写出了回答。'],
  'lost.none': ['The answer was made from passages.', '回答改由原文组成。'],
  whole: ['Whole answer', '全部用时'],
  first: ['First word', '首字'],
  tokens: ['Tokens', '词元'],
  in: ['in', '输入'],
  out: ['out', '输出'],
  'out.rate': ['out, {n} a second', '输出，每秒 {n}'],
  estimated: ['estimated', '估算'],
  checked: ['Checked', '核对'],
  'checked.of': ['{a} of {b}', '{b} 句中 {a} 句'],
  sentences: ['{n|sentence|sentences}', '有据'],
  split: ['Waiting {a}, lost to failed attempts {b}, working {c}', '等待 {a}，因尝试失败损失 {b}，工作 {c}'],
  waiting: ['Waiting', '等待'],
  lostTime: ['Lost', '损失'],
  working: ['Working', '工作'],
  station: ['Station', '工位'],
  start: ['Start', '开始'],
  place: ['Place', '位置'],
  outcome: ['Outcome', '结果'],
  note: ['Note', '说明'],
  attempt: ['{station}, attempt {n}', '{station}，第 {n} 次'],
  'sentences.came': ['{n} {n|sentence|sentences}, as they came', '{n} 句，写一句核对一句'],
  'key.waiting': ['waiting', '等待'],
  'key.working': ['working', '工作'],
  'key.failed': ['failed', '失败'],
  'key.doubted': ['not supported', '没有依据'],
  'key.first': ['first word, {t}', '首字，{t}'],
  table: ['The same as a table', '同样的内容，表格形式'],
  ok: ['done', '完成'],
  'outcome.failed': ['failed', '失败'],
  attempts: ['Attempts', '尝试'],
  'attempts.none': ['No model was asked.', '没有询问模型。'],
  'attempt.ok': ['Wrote the answer.', '写出了回答。'],
  'attempt.cancelled': ['Was told to stop.', '中途被停止。'],
  passages: ['Passages', '原文'],
  found: ['Found', '找到'],
  kept: ['Given to the answer', '交给回答'],
  cited: ['Cited', '引用'],
  best: ['Best score', '最高得分'],
  'tokens.in': ['Question and passages', '问题与原文'],
  'tokens.out': ['Answer', '回答'],
  'tokens.none': ['No model wrote, so there are none.', '没有模型书写，所以没有词元。'],
  none: ['—', '—'],
  'note.passages': ['{a} {a|passage|passages} from {b} {b|document|documents}', '{b} 份文档中的 {a} 段原文'],
  'note.rerank': ['{a} to {b}', '{a} 段留 {b} 段'],
  'note.sentences': ['{a} {a|sentence|sentences}', '{a} 句'],
  'note.step': ['Step {a}: {b} {b|call|calls}', '第 {a} 步：{b} 次调用'],
  'note.questions': ['{a} {a|question|questions}', '{a} 个问题'],
  thread: ['thread {n}', '线程 {n}'],
  gone: ['There is no record of this answer', '没有这次回答的记录'],
  'gone.text': [
    'Records are kept for a time that is set under records.days; conversations stay.',
    '记录保留的时间由 records.days 设定；会话会一直保留。',
  ],
  skipped: ['Left out, because time was short: {what}.', '时间不够，略去：{what}。'],
  'station.understand': ['Understand', '理解'],
  'station.rewrite': ['Rewrite', '改写'],
  'station.search': ['Search', '检索'],
  'station.embed': ['Embed', '向量'],
  'station.rerank': ['Rerank', '重排'],
  'station.extract': ['Extract', '摘取'],
  'station.generate': ['Generate', '书写'],
  'station.suggest': ['Suggest', '建议追问'],
  'station.record': ['Record', '记录'],
  'station.check': ['Check', '核对'],
  'station.verify': ['Check', '核对'],
  'station.tools': ['Tools', '工具'],
  'station.tool': ['Tool', '工具'],
  'tool.done': ['Came back.', '已返回。'],
  'tool.open': ['Had not come back.', '当时还没有返回。'],
  'tool.killed': ['Killed: {words}.', '被终止：{words}。'],
  'tool.waited': ['Asked a person first.', '先询问了人。'],
})

const stations = [
  'understand',
  'rewrite',
  'search',
  'embed',
  'rerank',
  'extract',
  'generate',
  'suggest',
  'record',
  'check',
  'verify',
  'tools',
] as const

/** The tool whose run a span is; undefined of any other span. */
export function toolOf(station: string): string | undefined {
  return /^tool (.+)$/.exec(station)?.[1]
}

/** A station's name in words; of a tool, its own. */
export function stationName(station: string): string {
  const tool = toolOf(station)
  if (tool !== undefined) return tool
  const known = stations.find((each) => each === station)
  return known === undefined ? station : t(`station.${known}`)
}

/** Who did it, in words: a worker of a pool is a thread. */
export function placeName(place: string): string {
  const worker = /^(readers|analysers) (\d+)$/.exec(place)?.[2]
  return worker === undefined ? placeWords(place) : t('thread', { n: Number(worker) })
}

/** How the notes that count are written, in the language of their question. */
const counting = [
  [/^(?<a>\d+) passages? from (?<b>\d+) documents?$/, 'note.passages'],
  [/^(?<b>\d+) 个文档中的 (?<a>\d+) 段$/, 'note.passages'],
  [/^(?<a>\d+)(?: to | 段取 )(?<b>\d+)(?: 段)?$/, 'note.rerank'],
  [/^(?<a>\d+)(?: sentences?| 句)$/, 'note.sentences'],
  [/^(?<a>\d+)(?: questions?| 个问题)$/, 'note.questions'],
  [/^(?:Step |第 )(?<a>\d+)(?:: | 步：)(?<b>\d+) (?:calls?|次调用)$/, 'note.step'],
] as const

/** A note in the page's language where it is one of those that count; others stay as they were written. */
export function noteText(note: string): { text: string; lang?: string | undefined } {
  for (const [pattern, key] of counting) {
    const { a, b } = pattern.exec(note)?.groups ?? {}
    if (a !== undefined) return { text: t(key, { a: Number(a), ...(b === undefined ? {} : { b: Number(b) }) }) }
  }
  return { text: note, lang: langOfText(note) }
}

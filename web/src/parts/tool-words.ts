// Words about calls of tools that more than one page says: the question before a call, and why one came to no good end.

import { langOfText, words } from '../language.ts'

export const t = words({
  waiting: ['Waiting for you', '等你决定'],
  left: ['{t} left', '剩 {t}'],
  'title.page': ['Let {tool} read one page?', '允许 {tool} 读取一个网页吗？'],
  'title.change': ['Let {tool} make this change?', '允许 {tool} 做这项改动吗？'],
  'title.run': ['Let {tool} run once?', '允许 {tool} 运行一次吗？'],
  order: ['order {id}', '单号 {id}'],
  'hold.only': ['It is given this call, and nothing else', '只交给它这次调用的内容，没有别的'],
  'hold.user': [
    'Runs as the user of the server: may read files and reach the network',
    '以服务器用户的身份运行，可能读取文件、访问网络',
  ],
  'hold.limits': ['Stops after {t}, gives back at most {b}', '{t}后停止，最多返回 {b}'],
  'hold.safe': ['Changes nothing', '不改动任何内容'],
  'hold.network': ['Reaches out of this machine', '会访问本机以外'],
  'hold.destructive': ['May change what cannot be undone', '可能造成无法撤销的改动'],
  once: ['Allow once', '仅此一次'],
  host: ['Allow for {host}', '允许访问 {host}'],
  decline: ['Decline', '拒绝'],
  'said.once': ['Allowed once.', '已允许这一次。'],
  'said.host': ['Allowed for {host}, for the rest of this conversation.', '本次会话中允许访问 {host}。'],
  'said.always': ['Allowed, from now on.', '从现在起总是允许。'],
  'said.decline': ['Declined by you. It goes on without it.', '已由你拒绝，作答会跳过它继续。'],
  gone: [
    'Nobody answered in time, or somebody else did. It goes on without your word.',
    '没有人及时回答，或者别人已经回答，作答会继续。',
  ],
  'not.said': ['Your word did not arrive: {why}', '你的决定没有送达：{why}'],
  'kind.denied': ['Declined', '被拒绝'],
  'kind.invalid-arguments': ['These arguments do not fit', '参数不符合要求'],
  'kind.failed': ['Failed', '失败'],
  'kind.timeout': ['Its time was used up', '时间用尽'],
  'kind.cancelled': ['Stopped', '已停止'],
  'kind.crashed': ['It crashed', '崩溃了'],
  'kind.out-of-memory': ['It used too much memory', '内存用得太多'],
  'kind.output-too-large': ['It gave back too much', '返回的内容太多'],
  'kind.quarantined': ['It rests', '暂停中'],
  'kind.outcome-unknown': ['Nobody knows whether it ran', '不知道它是否运行过'],
  'place.inline': ['this process', '本进程'],
  'place.thread': ['thread', '线程'],
  'place.process': ['process', '进程'],
  'place.cache': ['cache', '缓存'],
})

const kinds = [
  'denied',
  'invalid-arguments',
  'failed',
  'timeout',
  'cancelled',
  'crashed',
  'out-of-memory',
  'output-too-large',
  'quarantined',
  'outcome-unknown',
] as const

/** Why a call came to no good end, in a few words; what is rare has failed, and its sentence says the rest. */
export function kindWords(kind: string): string {
  const known = kinds.find((each) => each === kind)
  return t(`kind.${known ?? 'failed'}`)
}

/** Whether a call that ended so was ended by force. */
export function isKill(kind: string): boolean {
  return ['timeout', 'crashed', 'out-of-memory', 'output-too-large'].includes(kind)
}

const places = ['inline', 'thread', 'process', 'cache'] as const

/** Where something was done, in words; any other place by its own name. */
export function placeWords(place: string): string {
  const known = places.find((each) => each === place)
  return known === undefined ? place : t(`place.${known}`)
}

/** What the built-in tools are for, where the page's language is not the tools' own. */
const builtIn: Readonly<Record<string, string>> = {
  calculator: '用精确小数计算算式，支持单位与百分比。',
  date_time: '日期与时间：今天、相隔天数、时区换算。',
  search_documents: '在你的文档中查找原文。',
  read_document: '读取一份文档中的一段文字。',
  http_get: '从获准的网址读取一个网页。',
  run_javascript: '在隔离环境中运行一小段 JavaScript。',
}

/** What a tool is for: in Chinese where the page knows it, else as the tool says it, with its language. */
export function aboutTool({ name, description, origin }: { name: string; description: string; origin?: string }): {
  text: string
  lang?: string | undefined
} {
  const known = origin === undefined || origin === 'built-in' ? builtIn[name] : undefined
  const lang = langOfText(description)
  return known !== undefined && lang === 'en' ? { text: known } : { text: description, lang }
}

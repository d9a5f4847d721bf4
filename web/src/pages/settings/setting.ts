// What GET /v1/status answers, and its settings in the page's language: the server says them in English, the page says
// the same in Chinese from the key and the facts.

import type { Health, TenantUsage } from '../../../../src/core/factory.ts'
import { bytes, language, number } from '../../language.ts'
import type { LampState } from '../../parts/lamp.tsx'
import { t } from './words.ts'

/** One thing that is set up, or is not. */
export interface Setting {
  key: string
  group: string
  name: string
  state: 'ok' | 'off' | 'waiting' | 'broken'
  what: string
  more?: string
  values?: Record<string, unknown>
}

interface LaneState {
  running: number
  waiting: number
}

export interface Status {
  health: Health
  usage: TenantUsage
  limits: {
    questionsAtOnce: number
    loadsAtOnce: number
    now?: { question?: LaneState; load?: LaneState }
  }
  settings: Setting[]
}

/** A sentence, and its language when that is not the page's. */
export interface Said {
  text: string
  lang?: string
}

export const lamps: Record<Setting['state'], LampState> = {
  ok: 'working',
  off: 'idle',
  waiting: 'backed-up',
  broken: 'stopped',
}

/** Things that work or do not; the others are on or off. */
const healthy = new Set(['model', 'embedder', 'reranker', 'index'])

/** The word beside the lamp. */
export function stateWord({ key, state, values }: Setting): string {
  if (state === 'waiting' && typeof values?.['waiting'] === 'number')
    return t('state.waiting.n', { n: values['waiting'] })
  return state === 'ok' && healthy.has(key) ? t('state.healthy') : t(`state.${state}`)
}

/** What it is called. */
export function nameOf({ key, name }: Setting): Said {
  return said(names[key], name)
}

/** What is so. */
export function whatOf(setting: Setting): Said {
  return said(whats[setting.key]?.(setting), setting.what)
}

/** What to set to get more; undefined when there is nothing. */
export function moreOf(setting: Setting): Said | undefined {
  return setting.more === undefined ? undefined : said(mores[setting.key]?.(setting), setting.more)
}

function said(chinese: string | undefined, english: string): Said {
  if (language.value === 'en') return { text: english }
  return chinese === undefined ? { text: english, lang: 'en' } : { text: chinese }
}

const names: Record<string, string> = {
  model: '模型',
  'second-model': '备用模型',
  checking: '核对',
  tools: '工具',
  'tools-web': '读取网址',
  embedder: '按含义检索',
  reranker: '排序',
  cache: '重复使用',
  index: '索引',
  uploads: '上传',
  links: '链接',
  quotas: '配额',
  data: '数据目录',
  places: '同时进行',
  rate: '每分钟',
  'sign-in': '登录',
  origins: '其他网页',
  outside: '向外发送',
}

/** Undefined where the facts do not say it: then it stays English. */
const whats: Record<string, (setting: Setting) => string | undefined> = {
  model: ({ state, values }) => {
    if (state === 'off') return '回答由文档中的句子组成，没有模型书写。'
    const model = text(values?.['model'])
    const host = text(values?.['host'])
    return model && `${model} 书写回答${host === undefined ? '' : `，位于 ${host}`}。`
  },
  'second-model': ({ state, values }) => {
    if (state === 'off') return '模型失败时，回答由文档中的句子组成，不会询问第二个模型。'
    const others = text(values?.['fallback'])
    return others === undefined
      ? `${text(values?.['endpoints'])} 个端点之一在说出第一个字之前失败时，会询问另一个。`
      : `一个端点失败时会询问另一个；一个模型无法回答时，依次询问 ${others}。`
  },
  checking: () => '每句话都与它引用的原文核对：用词、数字、日期和名称。',
  tools: ({ state, values }) => {
    if (state === 'off') return '不向模型提供工具。'
    if (state !== 'ok') return undefined
    const offer = text(values?.['offer'])
    return offer === 'all' ? '模型可以调用所有已开启的工具。' : offer && `模型可以调用 ${offer}。`
  },
  'tools-web': ({ state }) => (state === 'off' ? '没有工具读取网址。' : undefined),
  embedder: ({ state, values }) => {
    if (state === 'off') return '检索只按词语。'
    const model = text(values?.['model'])
    return model && state === 'ok' ? `${model} 计算向量。` : undefined
  },
  reranker: ({ state, values }) => {
    const model = text(values?.['model'])
    if (state !== 'ok') return undefined
    return model === undefined ? '内置的按词语排序给找到的原文排次序。' : `${model} 给找到的原文排次序。`
  },
  cache: ({ state, values = {} }) => {
    if (state === 'off') return '每个回答和每个向量都重新生成。'
    if (state !== 'ok') return undefined
    const kinds = [values['answers'] === true && '回答', values['embeddings'] === true && '向量'].filter(Boolean)
    const where = values['redis'] === true ? `Redis${list(values['hosts'])?.replace(/^/, ' ') ?? ''}` : '数据目录'
    const alike = values['semantic'] === true ? '意思相同的问题可以使用同一个回答。' : ''
    return `生成过的${kinds.join('和')}会再次使用，保存在${where}。${alike}`
  },
  index: ({ state, values }) => {
    const documents = count(values?.['documents'])
    if (documents === undefined || state === 'broken') return undefined
    const waiting = count(values?.['waiting'])
    return `你的 ${documents} 份文档中，就绪的都可以检索${state === 'ok' ? '' : `，还有 ${waiting} 份在等待`}。`
  },
  uploads: ({ values }) => {
    const most = values?.['maxBytes']
    return typeof most === 'number' ? `每份文档最大 ${bytes(most)}。` : undefined
  },
  links: ({ state, values }) => {
    const hosts = list(values?.['hosts'])
    return state === 'off' ? '不会从链接读取任何内容。' : hosts && `可以从 ${hosts} 读取文档。`
  },
  quotas: ({ state }) => (state === 'off' ? '没有设定配额。' : undefined),
  data: ({ values }) => {
    const folder = text(values?.['dataDir'])
    return folder && `${values?.['conversations'] === false ? '除会话外，' : ''}所有内容都保存在 ${folder}。`
  },
  places: ({ values = {} }) => {
    const [a, b, c, d] = ['questionsAtOnce', 'questionsWaiting', 'loadsAtOnce', 'loadsWaiting'].map((name) =>
      count(values[name]),
    )
    return `同时回答 ${a} 个问题，另有 ${b} 个可以等候；同时接收 ${c} 个上传，另有 ${d} 个可以等候。`
  },
  rate: ({ state, values }) => {
    if (state === 'off') return '不按分钟计数。'
    const [tenant, one] = [count(values?.['tenantPerMinute']), count(values?.['keyPerMinute'])]
    const rates = [tenant && `每个租户每分钟 ${tenant} 次请求`, one && `每把密钥每分钟 ${one} 次`].filter(
      (each) => each !== undefined,
    )
    return `${rates.join('，')}。`
  },
  'sign-in': ({ values }) => {
    const issuer = text(values?.['tokens'])
    const tokens = issuer === undefined ? '' : `，或 ${issuer} 的令牌`
    if (values?.['anonymous'] !== true) return `每个人都需要密钥${tokens}。`
    return `在这台机器上不需要密钥，其他机器无法访问。程序可以带上密钥${tokens}。`
  },
  origins: ({ state, values }) => {
    if (state === 'off') return '其他网页不能从浏览器使用接口。'
    const pages = text(values?.['origins'])
    return pages && `${pages} 可以从浏览器使用接口。`
  },
  outside: ({ values }) => {
    const hosts = list(values?.['hosts'])
    if (hosts === undefined) return undefined
    return hosts === '' ? '没有任何内容离开这个进程。' : `问题或原文会发送到 ${hosts}。`
  },
}

const mores: Record<string, (setting: Setting) => string | undefined> = {
  model: () => '设置 OPENAI_BASE_URL；服务器有多个模型时再设置 ANDON_MODEL。',
  'second-model': () => '在 models.endpoints 写入多个服务器，在 models.fallback 写入备用的模型。',
  tools: () => '用 tools.offer 选择；“andon tools add”可以添加更多。',
  'tools-web': () => '把允许读取的主机写入 tools.httpHosts。',
  embedder: () => '设置 embedder.kind 和 embedder.url，即可同时按含义检索。',
  reranker: () => '设置 reranker.kind 和 reranker.url，使用排序模型。',
  cache: ({ state }) =>
    state === 'off' ? '设置 cache.answers 或 cache.embeddings。' : '设置 cache.redisUrl，与其他进程共用。',
  uploads: () => '用 loading.maxBytes 调整。',
  links: () => '把允许读取文档的主机写入 links.hosts。',
  quotas: () => '设置 quotas.documents、quotas.bytes 或 quotas.questionsPerDay。',
  data: () => '用 dataDir 换一个位置。',
  places: () => '设置 limits.questionsAtOnce、limits.questionsWaiting、limits.loadsAtOnce 或 limits.loadsWaiting。',
  rate: () => '设置 limits.tenantPerMinute 或 limits.keyPerMinute。',
  'sign-in': ({ values }) =>
    values?.['anonymous'] === true
      ? '设置 host 让其他人访问，他们会需要密钥；设置 auth.required，本机也需要密钥。'
      : '用 andon keys create --name me 创建密钥。使用令牌时设置 auth.jwksUrl、auth.issuer 和 auth.audience。',
  origins: () => '把允许的网页写入 origins。',
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function count(value: unknown): string | undefined {
  return typeof value === 'number' ? number(value) : undefined
}

function list(value: unknown): string | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string').join('、') : undefined
}

// What a person is told when an answer is less than it could be, in the language of the question.

import type { ToolsCut } from '../stations/generate/tool-use.ts'

/** Reasons, as whole sentences. `why` is the sentence of an error, which stays in English: it names settings. */
export interface Phrases {
  modelMissing: string
  outOfTime: string
  /** `begun`: the model had already written a part. */
  modelSlow: (model: string, begun: boolean) => string
  modelFailed: (why: string, begun: boolean) => string
  embedderFailed: (why: string) => string
  rerankerFailed: (why: string) => string
  /** Why the model called no more tools, or none. */
  toolsCut: Record<ToolsCut, (model: string) => string>
  toolsFailed: (why: string) => string
  /** A request of the model that ended with calls. */
  stepped: (number: number, calls: number) => string
  /** What a search brought, what was kept of it, and how many sentences were chosen. */
  found: (passages: number, documents: number) => string
  kept: (of: number, kept: number) => string
  chosen: (sentences: number) => string
  suggested: (questions: number) => string
  /** Words that were said before, or are said to another just now. */
  remembered: (ageMs: number) => string
  /** The same behind an answer on a terminal. `question`: the one that they answered, when it was put otherwise. */
  fromCache: (ageMs: number, question?: string) => string
  /** Sentences that the passages do not confirm: one behind the words, several below. */
  unconfirmed: (sentences: readonly string[]) => string
}

const english: Phrases = {
  modelMissing: 'No model is configured, so the answer quotes the documents.',
  outOfTime: 'Too little time was left for the model, so the answer quotes the documents.',
  modelSlow: (model, begun) =>
    `${begun ? 'The rest of the answer' : 'The answer'} quotes the documents: ${model} took too long.`,
  modelFailed: (why, begun) => `${begun ? 'The rest of the answer' : 'The answer'} quotes the documents: ${why}.`,
  embedderFailed: (why) => `Searched by words only: ${why}`,
  rerankerFailed: (why) => `Ordered by words only: ${why}`,
  toolsCut: {
    steps: (model) => `${model} had called tools as often as it may, and answered with what it had.`,
    tokens: (model) => `The results of tools were too long, so ${model} answered with what there was room for.`,
    repeated: (model) => `${model} repeated the same call, and had to answer with what it had.`,
    refused: (model) => `${model} did not take the tools it was offered, so the answer was made without them.`,
    unable: (model) => `${model} cannot call tools, so the answer was made without them.`,
  },
  toolsFailed: (why) => `The answer was made without tools: ${why}`,
  stepped: (number, calls) => `Step ${number}: ${counted(calls, 'call')}`,
  found: (passages, documents) => `${counted(passages, 'passage')} from ${counted(documents, 'document')}`,
  kept: (of, kept) => `${of} to ${kept}`,
  chosen: (sentences) => counted(sentences, 'sentence'),
  suggested: (questions) => counted(questions, 'question'),
  remembered: (ageMs) =>
    ageMs === 0 ? 'Heard while it was written for another' : `Written ${counted(minutes(ageMs), 'minute')} ago`,
  fromCache: (ageMs, question) => {
    const [count, unit] = age(ageMs)
    const when = ageMs === 0 ? 'written for another just now' : `written ${counted(count, unit)} ago`
    const from = question === undefined ? '' : `, to a question that means the same: ${question}`
    return `From the cache: ${when} and checked anew${from}`
  },
  unconfirmed: (sentences) =>
    sentences.length === 1
      ? `The passages do not confirm: ${sentences[0]}`
      : `The passages do not confirm ${sentences.length} sentences:${below(sentences)}`,
}

const chinese: Phrases = {
  modelMissing: '没有配置模型，所以答案引用文档原文。',
  outOfTime: '留给模型的时间不够，所以答案引用文档原文。',
  modelSlow: (model, begun) => `${begun ? '答案的其余部分' : '答案'}引用文档原文：${model} 用时太长。`,
  modelFailed: (why, begun) => `${begun ? '答案的其余部分' : '答案'}引用文档原文：${why}。`,
  embedderFailed: (why) => `只按词检索：${why}`,
  rerankerFailed: (why) => `只按词排序：${why}`,
  toolsCut: {
    steps: (model) => `${model} 调用工具的次数已达上限，只能用已有的结果回答。`,
    tokens: (model) => `工具返回的内容太长，${model} 只用了放得下的部分。`,
    repeated: (model) => `${model} 重复同一个调用，只能用已有的结果回答。`,
    refused: (model) => `${model} 不接受提供给它的工具，所以回答没有用工具。`,
    unable: (model) => `${model} 不能调用工具，所以回答没有用工具。`,
  },
  toolsFailed: (why) => `回答没有用工具：${why}`,
  stepped: (number, calls) => `第 ${number} 步：${calls} 次调用`,
  found: (passages, documents) => `${documents} 个文档中的 ${passages} 段`,
  kept: (of, kept) => `${of} 段取 ${kept} 段`,
  chosen: (sentences) => `${sentences} 句`,
  suggested: (questions) => `${questions} 个问题`,
  remembered: (ageMs) => (ageMs === 0 ? '与他人同时得到同一回答' : `${minutes(ageMs)} 分钟前生成`),
  fromCache: (ageMs, question) => {
    const [count, unit] = age(ageMs)
    const when = ageMs === 0 ? '刚刚为他人生成' : `${count} ${chineseUnits[unit]}前生成`
    const from = question === undefined ? '' : `，原来的问题意思相同：${question}`
    return `来自缓存：${when}，已重新核对${from}`
  },
  unconfirmed: (sentences) =>
    sentences.length === 1
      ? `段落不能证实：${sentences[0]}`
      : `段落不能证实这 ${sentences.length} 句：${below(sentences)}`,
}

const chineseUnits = { second: '秒', minute: '分钟', hour: '小时' } as const

function below(lines: readonly string[]): string {
  return lines.map((line) => `\n  ${line}`).join('')
}

/** In the largest unit that it fills. */
function age(ms: number): [number, 'second' | 'minute' | 'hour'] {
  if (ms < 60_000) return [Math.ceil(ms / 1_000), 'second']
  if (ms < 3_600_000) return [Math.floor(ms / 60_000), 'minute']
  return [Math.floor(ms / 3_600_000), 'hour']
}

/** Begun ones count. */
function minutes(ms: number): number {
  return Math.ceil(ms / 60_000)
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The phrases for a question: Chinese when it has Chinese characters. */
export function phrasesFor(question: string): Phrases {
  return /\p{Script=Han}/u.test(question) ? chinese : english
}

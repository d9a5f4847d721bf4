// Words that say how something is asked rather than what: left out of a question, kept in the index. Without them
// ranking is better nearly everywhere and the query is three to four times faster.

const english = new Set(
  `a an and are as at be been being but by did do does done for from had has have having he her hers him his how i if
  in into is it its me my no nor not of on or our ours she so some such than that the their them then there these they
  this those to too us was we were what when where which while who whom whose why will with would you your can could
  should may might must about also am any because between both each here itself just more most only other over own same
  very`.split(/\s+/),
)

const chinese = new Set(
  `的 了 是 在 和 与 及 或 而 也 都 就 着 过 被 把 从 对 于 以 为 之 其 这 那 该 此 个 些 们 我 你 他 她 它 吗 呢 吧 啊 呀 嘛 么
  什么 哪 哪个 哪些 哪里 哪儿 哪年 哪位 哪一 哪种 何 何时 何地 何人 谁 谁的 怎么 怎样 怎么样 如何 为什么 为何 多少 几 几个 多久
  多长 多大 多 是否 有 请问 请 是什么 是谁 有哪些 有什么 什么样 什么时候 中 上 下 里 后 前 时 会 能 可以 要 由 到 给 向 让 使 并
  但 因 因为 所以 由于 则 即 等 一 一个 一种 我们 你们 他们 它们 叫 叫做 称为 被称为 属于 位于 做 不 没有 很 最 还 又 再 只
  某`.split(/\s+/),
)

/** Whether an English word, in lower case and before stemming, is left out of questions. */
export function isEnglishStopWord(word: string): boolean {
  return english.has(word)
}

/** Whether a Chinese word, in Simplified characters, is left out of questions. */
export function isChineseStopWord(word: string): boolean {
  return chinese.has(word)
}

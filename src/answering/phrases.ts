// What a person is told when an answer is less than it could be, in the language of the question.

/** Reasons, as whole sentences. `why` is the sentence of an error, which stays in English: it names settings. */
export interface Phrases {
  modelMissing: string
  outOfTime: string
  /** `begun`: the model had already written a part. */
  modelSlow: (model: string, begun: boolean) => string
  modelFailed: (why: string, begun: boolean) => string
  embedderFailed: (why: string) => string
  rerankerFailed: (why: string) => string
  /** What a search brought, what was kept of it, and how many sentences were chosen. */
  found: (passages: number, documents: number) => string
  kept: (of: number, kept: number) => string
  chosen: (sentences: number) => string
  suggested: (questions: number) => string
}

const english: Phrases = {
  modelMissing: 'No model is configured, so the answer quotes the documents.',
  outOfTime: 'Too little time was left for the model, so the answer quotes the documents.',
  modelSlow: (model, begun) =>
    `${begun ? 'The rest of the answer' : 'The answer'} quotes the documents: ${model} took too long.`,
  modelFailed: (why, begun) => `${begun ? 'The rest of the answer' : 'The answer'} quotes the documents: ${why}.`,
  embedderFailed: (why) => `Searched by words only: ${why}`,
  rerankerFailed: (why) => `Ordered by words only: ${why}`,
  found: (passages, documents) => `${counted(passages, 'passage')} from ${counted(documents, 'document')}`,
  kept: (of, kept) => `${of} to ${kept}`,
  chosen: (sentences) => counted(sentences, 'sentence'),
  suggested: (questions) => counted(questions, 'question'),
}

const chinese: Phrases = {
  modelMissing: '没有配置模型，所以答案引用文档原文。',
  outOfTime: '留给模型的时间不够，所以答案引用文档原文。',
  modelSlow: (model, begun) => `${begun ? '答案的其余部分' : '答案'}引用文档原文：${model} 用时太长。`,
  modelFailed: (why, begun) => `${begun ? '答案的其余部分' : '答案'}引用文档原文：${why}。`,
  embedderFailed: (why) => `只按词检索：${why}`,
  rerankerFailed: (why) => `只按词排序：${why}`,
  found: (passages, documents) => `${documents} 个文档中的 ${passages} 段`,
  kept: (of, kept) => `${of} 段取 ${kept} 段`,
  chosen: (sentences) => `${sentences} 句`,
  suggested: (questions) => `${questions} 个问题`,
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The phrases for a question: Chinese when it has Chinese characters. */
export function phrasesFor(question: string): Phrases {
  return /\p{Script=Han}/u.test(question) ? chinese : english
}

// What is cached in these measurements: questions, and answers of about 900 bytes.

const sentence = 'The factory keeps every promise that its documents make, and says which page it has read. '

/** An answer as a library would keep it: about 900 bytes of JSON. */
export function answerOf(question: string): object {
  return {
    question,
    text: sentence.repeat(7),
    confidence: 0.83,
    citations: [3, 17, 21].map((passage) => ({ documentId: 'handbook', passageId: passage, start: 12, end: 96 })),
  }
}

export function keysOf(count: number, prefix = 'question'): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix} ${at}`)
}

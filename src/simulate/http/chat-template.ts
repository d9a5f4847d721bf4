// Messages as one prompt, in the ChatML form that many models were trained on.

import type { AskedMessage } from '../content/reply.ts'

/** The prompt of a conversation, ready for the next answer. */
export function renderChat(messages: readonly AskedMessage[], tools: readonly unknown[] = []): string {
  const told =
    tools.length === 0
      ? ''
      : `<|im_start|>system\n# Tools\n${tools.map((tool) => JSON.stringify(tool)).join('\n')}<|im_end|>\n`
  const turns = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('')
  return `${told}${turns}<|im_start|>assistant\n`
}

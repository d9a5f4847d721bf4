// How many tokens a model will count for a text, without the model's own vocabulary.

/**
 * An estimate of model tokens, meant to err on the high side by a little: four ASCII characters to a token, one token
 * for each Chinese, Japanese or Korean character, two characters of other scripts to a token, and one token for each
 * half of a character beyond the basic plane (an emoji counts two).
 */
export function estimateTokens(text: string): number {
  let quarters = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x80) quarters += 1
    else if (code < 0x2e80) quarters += 2
    else quarters += 4
  }
  return Math.ceil(quarters / 4)
}

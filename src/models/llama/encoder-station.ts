// The child process's half of a model of texts: vectors or scores, one text after the other, and between two of them a
// cancellation is heard.

import { throwIfOver } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Call, Station } from '../../core/station.ts'
import type { EncoderInput, EncoderOutput, EncoderSettings } from './contract.ts'
import { openEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import type { EmbeddingContext, RankingContext } from './peer.ts'

/** Most tokens of a text when nobody names a number: passages are shorter. */
const mostTokens = 2_048

/** Tokens that a model puts around a text, such as [CLS] and [SEP]. */
const frameTokens = 4

/** Makes the station. Errors: see {@link openEngine}; `invalid` when the model does something else. */
export async function open(
  settings: EncoderSettings & { [key: string]: Plain },
): Promise<Station<EncoderInput, EncoderOutput> & AsyncDisposable> {
  const { does, path } = settings
  const engine = await openEngine(settings, {
    contextSize: settings.contextTokens ?? mostTokens,
    embeddingContext: true,
  })
  const { model } = engine
  const contextTokens = settings.contextTokens ?? Math.min(mostTokens, model.trainContextSize)
  // A text is read as a whole: its batch has to hold all of it.
  const sizes = { contextSize: contextTokens, batchSize: contextTokens }
  try {
    const ranks = model.fileInsights.supportsRanking
    if (ranks !== (does === 'rerank'))
      throw new AndonError(
        'invalid',
        `The model ${path} ${ranks ? 'scores texts and makes no vectors: give the GGUF of an embedding model' : 'does not score texts: give the GGUF of a reranker'}.`,
      )
    if (does === 'embed') {
      const context = await engine.attempt(`The model ${path} cannot make vectors`, () => {
        return model.createEmbeddingContext(sizes)
      })
      return station(engine, (input, call) => embed(engine, context, contextTokens, input, call))
    }
    const context = await engine.attempt(`The model ${path} cannot score texts`, () => {
      return model.createRankingContext(sizes)
    })
    return station(engine, (input, call) => rank(engine, context, input, call))
  } catch (reason) {
    await engine[Symbol.asyncDispose]()
    throw reason
  }
}

function station(
  engine: Engine,
  work: (input: EncoderInput, call: Call) => Promise<EncoderOutput>,
): Station<EncoderInput, EncoderOutput> & AsyncDisposable {
  return {
    name: 'llama-encoder',
    async *run(input, call) {
      yield await work(input, call)
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  }
}

async function embed(
  { model, attempt }: Engine,
  context: EmbeddingContext,
  contextTokens: number,
  { texts }: EncoderInput,
  call: Call,
): Promise<EncoderOutput> {
  const columns = model.embeddingVectorSize
  const data = new Float32Array(texts.length * columns)
  for (const [row, text] of texts.entries()) {
    throwIfOver(call)
    // Of a text that is too long, its beginning counts.
    const tokens = model.tokenize(text).slice(0, contextTokens - frameTokens)
    const { vector } = await attempt('The model could not make a vector', () => context.getEmbeddingFor(tokens))
    data.set(vector.slice(0, columns), row * columns)
  }
  return { columns, data }
}

async function rank(
  { attempt }: Engine,
  context: RankingContext,
  input: EncoderInput,
  call: Call,
): Promise<EncoderOutput> {
  const query = input.ask === 'rerank' ? input.query : ''
  const data = new Float32Array(input.texts.length)
  for (const [row, text] of input.texts.entries()) {
    throwIfOver(call)
    // Of a text that is too long, its best part counts.
    data[row] = await attempt('The model could not score a text', () => {
      return context.rank(query, text, { onOverflow: 'maxChunk' })
    })
  }
  return { columns: 1, data }
}

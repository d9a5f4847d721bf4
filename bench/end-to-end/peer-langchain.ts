// A service as a prototype has it: Fastify and LangChain.js, with the same steps and the same prompt. It embeds the
// question, takes the six nearest passages from memory, asks the model and streams what it says.
//
//   node peer-langchain.ts ENGINE_URL EMBEDDER_URL

import { readdirSync, readFileSync } from 'node:fs'
import { MemoryVectorStore } from '@langchain/classic/vectorstores/memory'
import { RecursiveCharacterTextSplitter } from '@langchain/classic/text_splitter'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { fastify } from 'fastify'
import type { Passage } from '../../src/core/question.ts'
import { buildPrompt } from '../../src/stations/generate/prompt.ts'

const [engine = '', embedder = ''] = process.argv.slice(2)
const shared = { model: 'simulated', apiKey: 'none', maxRetries: 0 }
const embeddings = new OpenAIEmbeddings({ ...shared, configuration: { baseURL: `${embedder}/v1` } })
const model = new ChatOpenAI({ ...shared, configuration: { baseURL: `${engine}/v1` }, streaming: true })
const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 1_200, chunkOverlap: 120 })

const folder = new URL('../../handbook/', import.meta.url)
const store = new MemoryVectorStore(embeddings)
for (const language of ['en', 'zh'])
  for (const name of readdirSync(new URL(`${language}/`, folder))) {
    const text = readFileSync(new URL(`${language}/${name}`, folder), 'utf8')
    await store.addDocuments(await splitter.createDocuments([text], [{ name: `handbook/${language}/${name}` }]))
  }

const app = fastify()
app.post<{ Body: { question: string } }>('/ask', async (request, reply) => {
  const { question } = request.body
  const found = await store.similaritySearch(question, 6)
  const passages = found.map(({ pageContent, metadata }, at): Passage => ({
    id: `p${at}`,
    documentId: `d${at}`,
    documentName: String(metadata['name']),
    title: String(metadata['name']),
    collection: 'handbook',
    headings: [],
    kind: 'paragraph',
    ordinal: at,
    start: 0,
    end: pageContent.length,
    text: pageContent,
  }))
  const { messages } = buildPrompt({ question, passages })
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
  const leaving = new AbortController()
  reply.raw.once('close', () => leaving.abort())
  const said = await model.stream(
    messages.map(({ role, content }) => [role, content] as [string, string]),
    { signal: leaving.signal },
  )
  for await (const { content } of said)
    if (typeof content === 'string' && content !== '')
      reply.raw.write(`data: ${JSON.stringify({ type: 'text-delta', text: content })}\n\n`)
  reply.raw.end('data: {"type":"answer-end"}\n\n')
})
await app.listen({ port: 0, host: '127.0.0.1' })
const address = app.server.address()
if (typeof address === 'object' && address) process.send?.({ url: `http://127.0.0.1:${address.port}` })

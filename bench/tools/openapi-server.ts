// A Fastify service with the four operations, as its users would write it: schemas, and a document made of them.

import swagger from '@fastify/swagger'
import fastify from 'fastify'
import { functions, names } from './work.ts'

const app = fastify()
await app.register(swagger, { openapi: { openapi: '3.1.0', info: { title: 'Calculator', version: '1.0.0' } } })
const two = {
  type: 'object',
  required: ['a', 'b'],
  properties: { a: { type: 'number' }, b: { type: 'number' } },
}
for (const name of names) {
  const schema = { operationId: name, querystring: two, response: { 200: { type: 'number' } } }
  app.get<{ Querystring: { a: number; b: number } }>(`/${name}`, { schema }, async ({ query }) =>
    functions[name](query),
  )
}
app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
process.stdin.on('end', () => process.exit()).resume()

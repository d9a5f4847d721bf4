import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { readConfiguration, variableOf, type ConfigurationSources } from './configuration.ts'
import { AndonError } from './core/errors.ts'
import { describeLists, describeOptions } from './option-descriptions.ts'
import { redact } from './options.ts'
import { parseOptions } from './parse-options.ts'
import { endpointSchema } from './router/endpoint.ts'

describe('Options', () => {
  it('need nothing: every one has a default or may be missing', () => {
    const options = parseOptions({})
    assert.equal(options.port, 8642)
    assert.equal(options.host, '127.0.0.1')
    assert.equal(options.loading.memoryMb, 512)
    assert.equal(options.embedder, undefined)
    assert.equal(options.models.baseUrl, undefined)
  })

  const wrong: [unknown, RegExp][] = [
    [{ prot: 1 }, /^prot in the options is no option of Andon\. Did you mean port\?$/],
    [{ loading: { memory: 1 } }, /loading\.memory .* Did you mean loading\.memoryMb\?/],
    [{ foo: 1 }, /^foo .* Known are dataDir, [^.]* models, embedder, [^.]*\.$/],
    [{ models: { routing: { foo: 1 } } }, /^models\.routing\.foo .* Known are models\.routing\.strategy, /],
    [{ baseUrl: 'http://x' }, /baseUrl .* Did you mean models\.baseUrl\?/],
    [{ port: '80' }, /port is "80" in the options: it must be of type number, not string\./],
    [{ port: 70_000 }, /port is 70000 .* it must be at most 65535/],
    [{ port: 1.5 }, /port is 1\.5 .* it must be a whole number/],
    [{ loading: { memoryMb: 383 } }, /loading\.memoryMb is 383 .* it must be at least 384/],
    [{ embedder: {} }, /embedder\.kind is missing .* it must be one of "openai", "tei", "local"/],
    [{ reranker: { kind: 'tei' } }, /reranker\.url is missing/],
    [{ models: { baseUrl: 'ftp://x' } }, /models\.baseUrl is "ftp:\/\/x" .* http:\/\/ or https:\/\//],
    [{ models: { apiKey: 5 } }, /models\.apiKey is set to something that is not a key/],
    [{ dataDir: '' }, /dataDir is "" .* it must not be empty/],
    [{ tools: { modul: [] } }, /tools\.modul .* Did you mean tools\.mode/],
    [{ tools: { mcp: [{ name: 'a', cmd: 'x' }] } }, /tools\.mcp\.0\.cmd .* nothing that stands in that list/],
    [
      { models: { endpoints: [{ name: 'a', url: 'http://x', maxConcurent: 3 }] } },
      /models\.endpoints\.0\.maxConcurent .* Did you mean maxConcurrent\?/,
    ],
    [
      { models: { endpoints: { apiKey: 'sk-1', url: 'http://me:pw@x' } } },
      /"apiKey":"\(set\)","url":"http:\/\/\(set\)@x"/,
    ],
    [
      { models: { discover: [{ endpoint: { name: 'a', url: 'http://x' }, family: '6' }] } },
      /models\.discover\.0\.family is "6" .* it must be 4 or 6\./,
    ],
    [
      { models: { discover: [{ endpoint: { name: 'a', url: 'http://x' }, records: 'service', family: 6 }] } },
      /models\.discover\.0\.family is 6 .* it must be left out where records is service/,
    ],
    [{ tools: { mcp: [{ name: 'a' }] } }, /either command or url/],
    [{ tools: { modules: [{ name: 'a b', module: 'x' }] } }, /letters, digits, _ and -/],
    ['port', /must be an object of options/],
  ]
  for (const [given, says] of wrong) {
    it(`refuse ${JSON.stringify(given)}`, () => {
      assert.throws(
        () => parseOptions(given),
        (error: unknown) => error instanceof AndonError && error.code === 'invalid' && says.test(error.sentence),
      )
    })
  }

  it('name all that is wrong at once', () => {
    assert.throws(() => parseOptions({ port: 'x', host: 5 }), /host is 5[^]*port is "x"|port is "x"[^]*host is 5/)
  })

  it('are printed without their secrets', () => {
    const options = parseOptions({
      models: { apiKey: 'sk-1', baseUrl: 'http://user:sk-4@host/v1' },
      embedder: { kind: 'tei', apiKey: 'sk-2' },
      reranker: { kind: 'tei', url: 'http://x', apiKey: 'sk-3' },
      tools: {
        openapi: [
          { name: 'a', spec: 'http://u:sk-5@h/x.json?key=sk-6', auth: { bearer: 'sk-7' }, headers: { k: 'sk-8' } },
          { name: 'b', spec: './x.json', auth: { basic: { username: 'sk-9', password: { env: 'NAME' } } } },
        ],
        mcp: [
          { name: 'c', command: 'x', args: ['--key', 'sk-10'], env: { KEY: 'sk-11' } },
          { name: 'd', url: 'http://h/mcp?key=sk-12', headers: { authorization: 'Bearer sk-13' } },
        ],
      },
    })
    assert.doesNotMatch(JSON.stringify(redact(options)), /sk-/)
    assert.equal(redact(options).models.apiKey, '(set)')
  })

  it('prints where conversations are kept without the password of that Redis', () => {
    const { sessions } = redact(parseOptions({ sessions: { redisUrl: 'rediss://andon:p%40ss@redis.example:6380/2' } }))
    assert.equal(sessions.redisUrl, 'rediss://(set)@redis.example:6380/2')
    assert.throws(
      () => parseOptions({ sessions: { redisUrl: 'http://andon:hidden@redis.example' } }),
      (error: Error) =>
        /sessions\.redisUrl.*it must be a redis:\/\/ or rediss:\/\/ address/.test(error.message) &&
        !error.message.includes('hidden'),
    )
  })
})

describe('Configuration', () => {
  async function inFolder<Result>(
    files: Record<string, string>,
    body: (
      read: (sources?: ConfigurationSources) => ReturnType<typeof readConfiguration>,
      folder: string,
    ) => Promise<Result>,
  ): Promise<Result> {
    const folder = await mkdtemp(join(tmpdir(), 'andon-options-'))
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
      return await body((sources) => readConfiguration({ directory: folder, environment: {}, ...sources }), folder)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  it('takes a flag over the environment, the environment over the file, the file over the default', async () => {
    const file = {
      'andon.config.json': '{ "port": 1, "host": "0.0.0.0", "tenant": "file", "answers": { "passages": 3 } }',
    }
    await inFolder(file, async (read, folder) => {
      const { options, origins } = await read({
        environment: { ANDON_PORT: '2', ANDON_TENANT: 'environment' },
        flags: [{ path: 'port', value: '3', flag: '--port' }],
      })
      assert.equal(options.port, 3)
      assert.equal(options.tenant, 'environment')
      assert.equal(options.host, '0.0.0.0')
      assert.equal(options.answers.passages, 3)
      assert.equal(options.answers.budgetMs, 90_000)
      assert.equal(options.dataDir, join(folder, '.andon'))
      assert.equal(origins['port'], '--port')
      assert.match(origins['tenant'] ?? '', /ANDON_TENANT/)
      assert.equal(origins['host'], join(folder, 'andon.config.json'))
      assert.equal(origins['logLevel'], undefined)
    })
  })

  it('is a TypeScript file too, or the file that is asked for', async () => {
    await inFolder(
      { 'andon.config.ts': 'export default { port: 5 satisfies number }', 'other.json': '{ "port": 6 }' },
      async (read) => {
        assert.equal((await read()).options.port, 5)
        assert.equal((await read({ file: 'other.json' })).options.port, 6)
        await assert.rejects(read({ file: 'none.json' }), /no configuration file at .*none\.json/)
      },
    )
  })

  it('knows the variables of other programs by their own names', async () => {
    await inFolder({}, async (read) => {
      const environment = {
        OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
        OPENAI_API_KEY: 'sk',
        ANDON_MODEL: 'm',
        ANDON_HANDBOOK: 'false',
      }
      const { options } = await read({ environment })
      assert.equal(options.models.baseUrl, 'http://127.0.0.1:1/v1')
      assert.equal(options.models.apiKey, 'sk')
      assert.equal(options.models.model, 'm')
      assert.equal(options.handbook, false)
    })
  })

  it('takes shares from variables, too', async () => {
    await inFolder({}, async (read) => {
      const environment = { ANDON_MODELS_ROUTING_RETRY_SHARE: '0.2', ANDON_CACHE_SEMANTIC_THRESHOLD: '.85' }
      const { options } = await read({ environment })
      assert.equal(options.models.routing.retryShare, 0.2)
      assert.equal(options.cache.semanticThreshold, 0.85)
    })
  })

  it('takes an empty variable for none, and what Kubernetes sets for a service named andon for nothing', async () => {
    await inFolder({}, async (read) => {
      const environment = {
        ANDON_PORT: 'tcp://10.0.0.1:8642',
        ANDON_SERVICE_HOST: '10.0.0.1',
        ANDON_PORT_8642_TCP_ADDR: '10.0.0.1',
        OPENAI_BASE_URL: '',
      }
      const { options } = await read({ environment })
      assert.equal(options.port, 8642)
      assert.equal(options.models.baseUrl, undefined)
    })
  })

  const refused: [string, Record<string, string>, ConfigurationSources, RegExp][] = [
    [
      'a wrong value in a variable',
      {},
      { environment: { ANDON_PORT: 'x' } },
      /port is "x" in the environment variable ANDON_PORT/,
    ],
    [
      'a misspelled variable',
      {},
      { environment: { ANDON_PROT: '1' } },
      /ANDON_PROT is no option of Andon\. Did you mean ANDON_PORT\?/,
    ],
    [
      'a variable that has another name',
      {},
      { environment: { ANDON_MODELS_BASE_URL: 'x' } },
      /Did you mean OPENAI_BASE_URL\?/,
    ],
    ['a wrong key in a file', { 'andon.config.json': '{"prot":1}' }, {}, /prot in .*andon\.config\.json is no option/],
    [
      'a broken file',
      { 'andon.config.json': '{' },
      {},
      /andon\.config\.json cannot be read: .*\. Correct the file: it must hold one object of options, like \{ "port"/,
    ],
    [
      'a file without an object',
      { 'andon.config.ts': 'export const a = 1' },
      {},
      /must hold one object of options, like export default/,
    ],
    ['two files', { 'andon.config.json': '{}', 'andon.config.ts': 'export default {}' }, {}, /two configuration files/],
  ]
  for (const [what, files, sources, says] of refused) {
    it(`refuses ${what}`, async () => {
      await inFolder(files, async (read) => {
        await assert.rejects(read(sources), (error: unknown) => says.test(AndonError.from(error).sentence))
      })
    })
  }
})

describe('docs/configuration.md', () => {
  it('names every option with its variable, its default and its reason', async () => {
    const page = await readFile(new URL('../docs/configuration.md', import.meta.url), 'utf8')
    for (const option of describeOptions()) {
      const fallback = option.default === undefined ? '' : `\`${option.default}\``
      const choices = option.choices === undefined ? '' : ` One of ${option.choices.join(', ')}.`
      const row = `| \`${option.path}\` | \`${variableOf(option.path)}\` | ${fallback} | ${option.description}${choices} |`
      assert.ok(page.includes(row), `The page lacks this row:\n${row}`)
    }
    const { properties = {} } = z.toJSONSchema(endpointSchema, { io: 'input' })
    for (const [name, part] of Object.entries(properties)) {
      if (typeof part === 'boolean') continue
      const parts = part.properties === undefined ? '' : ` { ${Object.keys(part.properties).join(', ')} }.`
      const choices = part.enum === undefined ? '' : ` One of ${part.enum.join(', ')}.`
      const shown = JSON.stringify(part.default ?? '').replaceAll(/["[\]]/g, '')
      const fallback = shown === '' ? '' : `\`${shown.replaceAll(',', ', ')}\``
      const row = `| \`${name}\` | ${fallback} | ${part.description ?? ''}${parts}${choices} |`
      assert.ok(page.includes(row), `The page lacks this row:\n${row}`)
    }
    for (const { path, description } of describeLists()) {
      const row = `| \`${path}\` | ${description} |`
      assert.ok(page.includes(row), `The page lacks this row:\n${row}`)
    }
  })
})

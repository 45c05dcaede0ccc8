import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readConfig } from '../../../config/read.ts'
import { write } from '../write.ts'
import { movedWith, readAs } from './elsewhere.fixture.ts'
import { foreign } from './foreign.ts'
import { READERS } from './readers.ts'

const FILES = [
  'Procfile',
  'app.json',
  'ecosystem.config.js',
  'ecosystem.config.cjs',
  'pm2.json',
  'ecosystem.yml',
  'docker-compose.yml',
  'compose.yaml',
  'render.yaml',
  'railway.json',
  'railway.toml',
  'fly.toml',
  'vercel.json',
]
test('a file that is broken is one sentence', () => {
  for (const file of FILES.filter(name => name !== 'Procfile')) {
    const { services, unread } = readAs(file, '{ "a": [1, } : :')
    assert.deepEqual([services.length, unread.length > 0 && unread.length < 3], [0, true], file)
    for (const sentence of unread) assert.doesNotMatch(sentence, /\n/)
  }
})

test('every reader ends with any text', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.json(),
    fc.lorem({ mode: 'sentences' }),
  )
  for (const { platform, read } of READERS)
    for (const file of FILES)
      fc.assert(
        fc.property(texts, text => read(text, foreign(platform, file))),
        { numRuns: 20 },
      )
})

/** Mappings with the keys that readers look for, and anything below them. */
const KEYS =
  'services apps name script args env environment type runtime startCommand build command ports volumes healthcheck test deploy replicas instances memory mounts destination processes app http_service checks path vm addons formation scripts web quantity envVars key value databases disk mountPath rootDir image cron crons rewrites source schedule max_memory_restart release_command preDeployCommand healthcheckPath numReplicas PORT toString'.split(
    ' ',
  )
const { tree: TREE } = fc.letrec(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'node a.js',
      'web',
      '.',
      '..',
      '/app/x',
      '/app/../x',
      'x:/app/y',
      '512M',
      'postgres:16',
      '\u0000',
      '$A',
    ),
    fc.oneof(fc.integer({ min: -1, max: 99 }), fc.boolean(), fc.constant(null), fc.string()),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 40 })), tie('tree'), {
      maxKeys: 6,
    }),
  ),
}))

test('whatever stands in such a file, what is proposed can be checked', async () => {
  const files = FILES.filter(name => !name.endsWith('.toml') && name !== 'Procfile')
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), TREE, async (file, tree) => {
      const text = /ya?ml$/.test(file)
        ? stringify(tree)
        : `${/js$/.test(file) ? 'module.exports = ' : ''}${JSON.stringify(tree)}`
      const proposal = await movedWith({ [file]: text })
      const { problems } = readConfig(write(proposal))
      assert.deepEqual(problems, [], text)
    }),
    { numRuns: 200, examples: [['app.json', { env: { MODE: 'a\u0000b' } }]] },
  )
})

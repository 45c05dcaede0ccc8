import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asPreview } from './as-preview.ts'
import { previews } from './previews.ts'
import { readConfig } from './read.ts'

const FILE = `name: shop
domains: [shop.example]
services:
  web: { start: node web.js, instances: 3, memory: 300MB }
  jobs: { worker: true, start: node jobs.js, memory: 4GB }
  mail: { worker: true, start: node mail.js }
database: { postgres: true, connections: 40 }
backups: { where: { disk: { folder: /mnt/backups, rpo: 0 } } }
protection: { branches: [main], approvals: 2 }
probes: { home: { http: https://shop.example } }
env: { SITE: https://shop.example }
environments:
  preview: { env: { SITE: https://preview.shop.example } }
`
const RULES = previews.parse({ domain: 'preview.shop.example', memory: '512MB', sleep: '10m' })

const read = (environment: string, file = FILE) => readConfig(file, environment)

test('each preview has what the file says of preview, and nothing that belongs to production', () => {
  const { config, problems } = read('preview-pr-12')
  assert.deepEqual(problems, [])
  assert.deepEqual(config!.env, { SITE: 'https://preview.shop.example' })
  assert.deepEqual(config!.domains, [])
  const none = FILE.replace(/\nenvironments:[\s\S]*/, '\n')
  assert.deepEqual(
    read('preview-pr-12', none).problems,
    [],
    'a file that says nothing of previews has them too',
  )
})

test('a preview is held to the rules: small, bounded, told to nobody, kept nowhere', () => {
  const config = asPreview(read('preview-pr-12').config!, RULES, 'preview-pr-12')
  assert.deepEqual(
    config.services.map(({ name, instances, memory }) => [name, instances, memory! / 1024 ** 2]),
    [
      ['web', 1, 300],
      ['jobs', 1, 512],
      ['mail', 1, 512],
    ],
  )
  assert.deepEqual(config.domains, ['pr-12.preview.shop.example'])
  assert.deepEqual(config.basicAuth, { user: 'preview', password: { from: 'PREVIEW_PASSWORD' } })
  assert.deepEqual([config.backups.on, config.backups.where, config.backups.drill], [false, {}, false])
  assert.deepEqual([config.protection, config.probes, config.rebuild], [undefined, {}, false])
  assert.deepEqual([config.database!.connections, config.sleep], [10, 600_000])
  assert.deepEqual(config.preview, { ttl: 7 * 86_400_000, database: 'seed' })
})

test('without a domain it answers on loopback, where nobody is asked for a password', () => {
  const config = asPreview(read('preview-x').config!, previews.parse({}), 'preview-x')
  assert.deepEqual([config.domains, config.basicAuth], [[], undefined])
})

test('what is no preview stays as it is', () => {
  const { config } = read('production')
  assert.equal(asPreview(config!, RULES, 'production'), config)
})

test('what only looks like a preview is an environment that the file would have to name', () => {
  for (const name of ['preview-', 'preview-A', 'preview-a/b', `preview-${'a'.repeat(21)}`])
    assert.match(read(name).problems[0]!.message, /^there is no environment preview-/, name)
  const named = FILE.replace('  preview:', '  preview-x:')
  assert.equal(read('production', named).problems[0]!.path, 'environments.preview-x')
})

test('previews: is said once, for all environments', () => {
  const file = FILE.replace('  preview: {', '  preview: { previews: { most: 3 },')
  assert.equal(read('production', file).problems[0]!.path, 'environments.preview.previews')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { type BuildSight, buildKey } from './build-key.ts'

const FILE = `
name: shop
services:
  api: { start: node api.js, root: api, build: [npm run build], buildEnv: { STAGE: live, KEY: { from: KEY } } }
  web: { static: dist, build: [npm run web] }
routes: { /api: api, /: web }
`
const key = (file: string, more: Partial<BuildSight> = {}) =>
  buildKey({
    config: readConfigOrFail(file),
    services: ['api', 'web'],
    secrets: { KEY: 'a', OTHER: 'b' },
    source: 's',
    toolchain: 't',
    ...more,
  })
const was = key(FILE)

test('what no build sees changes nothing', () => {
  for (const [from, to] of [
    ['start: node api.js', 'start: node api.js --quiet'],
    [
      'start: node api.js',
      'start: node api.js, health: { path: /ready }, instances: 3, env: { A: b }, memory: 300MB',
    ],
    ['routes: { /api: api', 'routes: { /v1: api, /api: api'],
    ['name: shop', 'name: shop\nkeep: 9\nwatch: 1s\ndomains: [a.example]'],
    ['STAGE: live, KEY: { from: KEY }', 'KEY: { from: KEY }, STAGE: live'],
  ] as const) {
    assert.ok(FILE.includes(from))
    assert.equal(key(FILE.replace(from, to)), was, to)
  }
  assert.equal(key(FILE, { secrets: { KEY: 'a', OTHER: 'c' } }), was, 'a secret that no build gets')
})

test('whatever a build sees makes another key', () => {
  const keys = [
    ...(
      [
        ['npm run build', 'npm run build:all'],
        ['root: api', 'root: server'],
        ['STAGE: live', 'STAGE: test'],
        ['start: node api.js', 'start: node api.js, node: 22'],
        ['start: node api.js', 'start: node api.js, persist: [uploads]'],
        ['start: node api.js', 'start: node api.js, packageManager: pnpm'],
        ['start: node api.js', 'start: node api.js, install: [npm ci]'],
        ['start: node api.js', 'start: node api.js, devDependencies: prune'],
        ['static: dist', 'static: out'],
      ] as const
    ).map(([from, to]) => {
      assert.ok(FILE.includes(from))
      return key(FILE.replace(from, to))
    }),
    key(FILE, { secrets: { KEY: 'c' } }),
    key(FILE, { source: 'other' }),
    key(FILE, { toolchain: 'node 26' }),
    key(FILE, { services: ['web'] }),
    was,
  ]
  assert.equal(new Set(keys).size, keys.length)
})

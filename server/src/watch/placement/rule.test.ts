import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { type PlacementFacts, placementOf } from './rule.ts'

const CONFIG = `name: shop
domains: [shop.example]
services:
  web: { start: node web.js, instances: 2, persist: [uploads] }
  jobs: { start: node jobs.js, worker: true, singleton: true }
  pages: { static: dist }
routes: { /: pages, /api: web }
database: { postgres: true }
redis: { url: 'redis://:secret@cache.example:6380' }
backups: { where: { offsite: { s3: { endpoint: 'https://s3.example', bucket: shop-kept, keyId: { from: A }, secret: { from: B } } } } }
`

const facts = (more: Partial<PlacementFacts> = {}, file = CONFIG): PlacementFacts => ({
  config: readConfigOrFail(file),
  instances: new Map([
    [
      'web',
      [
        { name: 'web.green.1', port: 4001, role: 'live' },
        { name: 'web.blue.1', port: 4000, role: 'warm' },
      ],
    ],
  ]),
  scale: { web: 1 },
  user: 'inn-shop-1',
  site: { port: 8100, http: 80, https: 443 },
  postgres: { port: 5500, data: '/h/postgres/shop' },
  redis: { port: null, data: '/h/apps/shop/redis' },
  shared: '/h/apps/shop/shared',
  backups: '/h/backups',
  ...more,
})

test('every part of an app is told with its place and its reason, and no password', () => {
  const all = placementOf(facts())
  assert.deepEqual(all, [
    {
      what: 'entrance',
      where: 'the edge, shop.example on 80 and 443',
      why: 'domains; /api to web and / to pages',
    },
    {
      what: 'web',
      where: 'web.green.1 :4001 and web.blue.1 :4000 (warm), as inn-shop-1',
      why: '1 instance, by inn scale; the file says 2',
    },
    {
      what: 'jobs',
      where: 'no process, as inn-shop-1',
      why: 'singleton: two at once would fight; a worker: no requests reach it',
    },
    { what: 'pages', where: 'files that the edge serves', why: 'static: dist' },
    {
      what: 'PostgreSQL',
      where: '127.0.0.1:5500, /h/postgres/shop',
      why: 'database: its own, so that no other app reads or fills it',
    },
    { what: 'Redis', where: 'another server: cache.example:6380', why: 'redis: { url: … }' },
    {
      what: 'folder uploads',
      where: '/h/apps/shop/shared/uploads',
      why: 'persist of web: all releases share it',
    },
    { what: 'backups, offsite', where: 'https://s3.example/shop-kept', why: 'backups.where.offsite' },
  ])
})

test('an app without domains, data or places says where it answers, and nothing more', () => {
  const file = 'name: a\nservices: { web: { start: node a.js } }'
  const all = placementOf(facts({ instances: new Map(), scale: {} }, file))
  assert.deepEqual(all, [
    {
      what: 'entrance',
      where: 'the edge, 127.0.0.1:8100',
      why: 'no domains: it answers on loopback alone; / to web',
    },
    { what: 'web', where: 'no process, as inn-shop-1', why: 'instances: 1' },
  ])
})

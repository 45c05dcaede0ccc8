import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { type Place, placeAddress } from './place.ts'
import { type Covered, keeperPolicy, newPlaces, policyOf } from './policy.ts'

const LOCAL = '/home/backups'
const app = (name: string, backups: string, secrets: Record<string, string> = {}): Covered => ({
  app: name,
  config: readConfigOrFail(
    `name: ${name}\nservices: { api: { start: node a.js } }\ndatabase: { postgres: true }\nbackups: ${backups}\n`,
  ),
  secrets,
})
const bucket = (more = '') =>
  `{ where: { away: { s3: { endpoint: "https://s3.example.com", region: r, bucket: keep, keyId: k, secret: { from: S3 }${more} } } } }`

const pathsOf = ({ places }: { places: readonly Place[] }) =>
  places.map(place => [place.name, placeAddress(place)])

test('an app has its own places, times and streams, whatever others ask for', () => {
  const { places, keep, receive } = policyOf(app('inn', '{}'), LOCAL)
  assert.deepEqual(places, [{ kind: 'folder', name: 'local', path: LOCAL }])
  assert.deepEqual(keep, { daily: 30, weekly: 12, monthly: 12 })
  assert.equal(receive, null)
  const own = policyOf(
    app('shop', '{ where: { disk: { folder: /mnt/a, rpo: 0 } }, keep: { daily: 3 } }'),
    LOCAL,
  )
  assert.deepEqual(own.places, [{ kind: 'folder', name: 'disk', path: '/mnt/a' }])
  assert.deepEqual(own.receive, own.places[0])
  assert.equal(own.keep.daily, 3)
})

test('by default many apps begin at many times of the night, each always at the same; a pattern of the file holds', () => {
  const patternOf = (name: string, backups = '{}') => policyOf(app(name, backups), LOCAL).schedule
  const names = Array.from({ length: 20 }, (_, n) => `app-${n}`)
  const patterns = names.map(name => patternOf(name))
  assert.ok(new Set(patterns).size >= 15, patterns.join('; '))
  for (const pattern of patterns) assert.match(pattern, /^\d{1,2} [1-4] \* \* \*$/)
  assert.equal(patternOf('app-3'), patterns[3])
  assert.equal(patternOf('shop', '{ schedule: "7 7 * * *" }'), '7 7 * * *')
})

test('the keeper goes to the places of all apps: one address once, one name never twice', () => {
  assert.deepEqual(pathsOf(keeperPolicy([], LOCAL)), [['local', LOCAL]])
  const apps = [
    app('shop', '{ where: { disk: { folder: /mnt/a } } }'),
    app('bar', '{ where: { disk: { folder: /mnt/b }, other: { folder: /mnt/a } } }'),
    app('inn', '{}'),
  ]
  assert.deepEqual(pathsOf(keeperPolicy(apps, LOCAL)), [
    ['disk', '/mnt/a'],
    ['disk-2', '/mnt/b'],
    ['local', LOCAL],
  ])
})

test("the most careful app decides how long the keeper's state stays", () => {
  const { keep } = keeperPolicy(
    [app('shop', '{ keep: { daily: 3, monthly: 24 } }'), app('bar', '{ keep: { daily: 9, weekly: 1 } }')],
    LOCAL,
  )
  assert.deepEqual([keep.daily, keep.monthly], [9, 24])
})

test('the secret of a bucket comes from what was handed over, and a folder in it is part of its address', () => {
  const [place] = policyOf(app('shop', bucket(', prefix: inn'), { S3: 'quiet' }), LOCAL).places
  assert.equal(place?.kind === 's3' && place.secret.reveal(), 'quiet')
  assert.equal(placeAddress(place!), 'https://s3.example.com/keep/inn')
})

test('a place is new when no app has it yet; that commits wait for it is as much as a new one', () => {
  const known = policyOf(app('shop', '{ where: { disk: { folder: /mnt/a } } }'), LOCAL).places
  const own = policyOf(app('bar', '{}'), LOCAL)
  const news = (backups: string) => newPlaces({ known, own }, app('bar', backups), LOCAL)
  assert.deepEqual(news('{ where: { mine: { folder: /mnt/a } } }'), [])
  assert.deepEqual(news('{ where: { mine: { folder: /mnt/b } } }'), ['/mnt/b'])
  assert.deepEqual(news('{ where: { mine: { folder: /mnt/a, rpo: 0 } } }'), ['/mnt/a (rpo: 0)'])
  assert.deepEqual(news('{}'), [], 'the folder of the home is there for everybody')
})

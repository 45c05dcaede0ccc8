import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { placeAddress } from './place.ts'
import { type Covered, newPlaces, policyOf } from './policy.ts'

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

test('without an app there is the folder of the home, and the usual times', () => {
  const { places, keep, receive } = policyOf([], LOCAL)
  assert.deepEqual(places, [{ kind: 'folder', name: 'local', path: LOCAL }])
  assert.deepEqual(keep, { daily: 30, weekly: 12, monthly: 12 })
  assert.equal(receive, null)
})

test('places of all apps are kept together: one address once, one name never twice', () => {
  const { places } = policyOf(
    [
      app('shop', '{ where: { disk: { folder: /mnt/a } } }'),
      app('bar', '{ where: { disk: { folder: /mnt/b }, other: { folder: /mnt/a } } }'),
      app('inn', '{}'),
    ],
    LOCAL,
  )
  assert.deepEqual(
    places.map(place => [place.name, placeAddress(place)]),
    [
      ['disk', '/mnt/a'],
      ['disk-2', '/mnt/b'],
      ['local', LOCAL],
    ],
  )
})

test('the most careful app decides how long backups stay', () => {
  const { keep } = policyOf(
    [app('shop', '{ keep: { daily: 3, monthly: 24 } }'), app('bar', '{ keep: { daily: 9, weekly: 1 } }')],
    LOCAL,
  )
  assert.deepEqual([keep.daily, keep.monthly], [9, 24])
})

test('the secret of a bucket comes from what was handed over, and a folder in it is part of its address', () => {
  const { places } = policyOf([app('shop', bucket(', prefix: inn'), { S3: 'quiet' })], LOCAL)
  const [place] = places
  assert.equal(place?.kind === 's3' && place.secret.reveal(), 'quiet')
  assert.equal(placeAddress(place!), 'https://s3.example.com/keep/inn')
})

test('commits wait for the folder that apps ask for, and the policy says which apps', () => {
  const wait = '{ where: { disk: { folder: /mnt/a, rpo: 0 } } }'
  const other = '{ where: { disk: { folder: /mnt/c, rpo: 0 } } }'
  const { receive } = policyOf([app('shop', wait), app('bar', other), app('inn', wait)], LOCAL)
  assert.deepEqual(receive, {
    place: { kind: 'folder', name: 'disk', path: '/mnt/a' },
    apps: ['shop', 'inn'],
  })
})

test('a place is new when nobody names it yet; that commits wait for it is as much as a new one', () => {
  const known = policyOf([app('shop', '{ where: { disk: { folder: /mnt/a } } }')], LOCAL)
  const news = (backups: string) => newPlaces(known, app('bar', backups), LOCAL)
  assert.deepEqual(news('{ where: { mine: { folder: /mnt/a } } }'), [])
  assert.deepEqual(news('{ where: { mine: { folder: /mnt/b } } }'), ['/mnt/b'])
  assert.deepEqual(news('{ where: { mine: { folder: /mnt/a, rpo: 0 } } }'), ['/mnt/a (rpo: 0)'])
  assert.deepEqual(news('{}'), [LOCAL])
})

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { makeS3, type S3 } from '../../../../test/kit/s3.ts'
import type { BucketPlace } from '../../data/places/place.ts'
import { snapshotsContract } from '../../data/repositories/snapshots.contract.ts'
import { Secret } from '../../kernel/secret.ts'
import { type Bench, makeRestic, order } from './restic.fixture.ts'

snapshotsContract('restic in a bucket', async () => {
  const [bench, s3] = await Promise.all([makeRestic(), makeS3()])
  let places = 0
  return {
    snapshots: bench.snapshots,
    place: () => s3.place(`bucket-${++places}`),
    async remove() {
      await s3.stop()
      await bench.remove()
    },
  }
})

/** restic repeats a failed request for up to a minute, so these tests run at the same time. */
describe('a bucket that fails', { concurrency: true }, () => {
  let bench: Bench
  let source: string
  const servers: S3[] = []
  before(async () => {
    bench = await makeRestic()
    source = join(bench.at, 'source')
    await mkdir(source)
    await writeFile(join(source, 'random'), randomBytes(100_000))
  })
  after(async () => {
    await Promise.all(servers.map(s3 => s3.stop()))
    await bench.remove()
  })

  /** A bucket with a snapshot, which can be made to fail after that. */
  async function kept(name: string): Promise<{ s3: S3; place: BucketPlace; id: string; into: string }> {
    const s3 = await makeS3()
    servers.push(s3)
    const place = s3.place(name)
    const { id } = await bench.snapshots.keepFolder({ ...order(place), path: source })
    return { s3, place, id, into: join(bench.at, `${name}-${servers.length}`) }
  }

  test('keys of the bucket that are wrong', async () => {
    const { place } = await kept('keys')
    const refused = { code: 'backup.place' }
    await assert.rejects(bench.snapshots.list({ ...place, secret: new Secret('wrong') }), refused)
    await assert.rejects(bench.snapshots.list({ ...place, keyId: 'NOBODY' }), refused)
    await assert.rejects(bench.snapshots.list({ ...place, ca: null }), refused)
  })

  for (const kind of ['refused', 'unavailable', 'cut'] as const) {
    test(`${kind}: every call is a failure, nothing is taken for kept, and it goes on afterwards`, async () => {
      const { s3, place, id, into } = await kept(kind)
      s3.fault = { kind }
      const gone = { code: 'backup.place' }
      const seen = bench.another()
      await Promise.all([
        assert.rejects(seen.list(place), gone),
        assert.rejects(seen.restore({ place, id, into }), gone),
        assert.rejects(bench.snapshots.keepFolder({ ...order(place, 'late'), path: source }), gone),
      ])
      s3.fault = null
      assert.deepEqual(
        (await bench.snapshots.list(place)).map(one => one.id),
        [id],
      )
      await bench.snapshots.restore({ place, id, into })
      assert.deepEqual(await readFile(join(into, 'random')), await readFile(join(source, 'random')))
    })
  }

  test('slow is only slow', async () => {
    const { s3, place, id, into } = await kept('slow')
    s3.fault = { kind: 'slow', ms: 100 }
    await bench.another().restore({ place, id, into })
    assert.deepEqual(await readFile(join(into, 'random')), await readFile(join(source, 'random')))
  })

  for (const folder of ['data', 'index']) {
    test(`a lost object of ${folder} is found, and nothing is restored without it`, async () => {
      const { s3, place, id, into } = await kept('lost')
      const inside = s3.objects().filter(({ key }) => key.startsWith(`lost/${folder}/`))
      const largest = inside.sort((a, b) => b.bytes - a.bytes)[0]!
      s3.fault = { kind: 'lost', key: new RegExp(largest.key) }
      const damaged = { code: 'backup.damaged' }
      await Promise.all([
        assert.rejects(bench.another().restore({ place, id, into }), damaged),
        bench
          .another()
          .check(place, { data: false })
          .then(found => assert.notDeepEqual(found, [])),
      ])
    })
  }

  for (const folder of ['data', 'index', 'snapshots', 'config', 'keys']) {
    test(`a corrupt byte in ${folder} is said, and nothing is restored from it`, async () => {
      const { s3, place, id, into } = await kept('corrupt')
      s3.fault = { kind: 'corrupt', key: new RegExp(`/${folder}`) }
      const seen = bench.another()
      await assert.rejects(seen.restore({ place, id, into }), { name: 'Failure' })
      const found = await seen.check(place, { data: true }).catch(error => [error])
      assert.notDeepEqual(found, [])
    })
  }
})

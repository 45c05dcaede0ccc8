import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeS3, type S3 } from '../../../../test/kit/s3.ts'
import { Secret } from '../../kernel/secret.ts'
import { checkBucket } from './bucket.ts'

let s3: S3
before(async () => {
  s3 = await makeS3()
})
after(() => s3.stop())

test('a bucket that does all that is asked of it; nothing stays behind', async () => {
  assert.deepEqual(await checkBucket(s3.place('sound'), 'n1'), [])
  assert.deepEqual(await checkBucket({ ...s3.place('sound'), prefix: '' }, 'n2'), [])
  assert.deepEqual(s3.objects(), [])
})

test('what does not let us in is one finding', async () => {
  const place = s3.place('closed')
  const wrong = [
    { ...place, secret: new Secret('wrong') },
    { ...place, bucket: 'not-there' },
    { ...place, region: 'elsewhere' },
    { ...place, ca: null },
  ]
  for (const one of wrong) {
    const findings = await checkBucket(one, 'n3')
    assert.match(
      findings[0]!.what,
      /^closed cannot read back what was written \(.+\): nothing can be kept there$/,
    )
  }
})

const says = async (nonce: string): Promise<string[]> =>
  (await checkBucket(s3.place('shaky'), nonce)).map(({ what }) => what)

test('bytes that come back as others, and objects that are not listed, are each named with what they break', async () => {
  s3.fault = { kind: 'corrupt', key: /large/ }
  const corrupt = await says('n4')
  assert.equal(corrupt.length, 1)
  assert.match(corrupt[0]!, /cannot write a large object in parts .*other bytes/)
  s3.fault = { kind: 'lost', key: /list\/c/ }
  const lost = await says('n5')
  assert.match(lost[0]!, /cannot list more than one page of objects .*4 of 5.*overlooked/)
  s3.fault = { kind: 'unavailable' }
  assert.match((await says('n6'))[0]!, /cannot read back what was written/)
  s3.fault = null
})

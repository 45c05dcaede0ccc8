import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { uploads } from './uploads.ts'

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

test('the newest ten archives are kept, and however old they are those of releases whose files are there', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-uploads-'))
  t.after(() => rm(folder, { recursive: true }))
  const sources = Array.from({ length: 13 }, (_, n) => `source ${n}`)
  const kept = uploads(folder, async () => new Set([digestOf(sources[0]!)]))
  for (const [n, source] of sources.entries()) {
    await kept.save(digestOf(source), Readable.from([Buffer.from(source)]))
    await utimes(join(folder, `${digestOf(source)}.tgz`), n, n)
  }
  const there = await Promise.all(sources.map(source => kept.has(digestOf(source))))
  assert.deepEqual(there, [true, false, false, ...Array(10).fill(true)])
})

test('an archive that is not what its name says is refused, and leaves nothing', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-uploads-'))
  t.after(() => rm(folder, { recursive: true }))
  const kept = uploads(folder, async () => new Set())
  await assert.rejects(kept.save(digestOf('one'), Readable.from([Buffer.from('other')])), {
    code: 'upload.mismatch',
  })
  assert.equal(await kept.has(digestOf('one')), false)
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { withDatabase } from './connect.ts'

const asked = (url: string) => withDatabase(url, query => query('select 1'))

test('an address that names files of this server is refused before anything is read', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-t-'))
  t.after(() => rm(folder, { recursive: true }))
  // Whoever opened it would wait for ever.
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const query of [
    `sslkey=${pipe}`,
    `sslmode=require&sslrootcert=${pipe}`,
    `ssl%63ert=${pipe}`,
    `ssl\tkey=${pipe}`,
    `x=a b&sslkey=${pipe}`,
  ])
    for (const server of ['shop:secret@127.0.0.1:9/shop', 'shop@/shop'])
      await assert.rejects(asked(`postgresql://${server}?${query}`), { code: 'database.url-files' })
})

test('other parameters are no files', async () => {
  await assert.rejects(asked('postgresql://shop@127.0.0.1:9/shop?sslmode=disable&schema=public'), {
    code: 'database.unreachable',
  })
})

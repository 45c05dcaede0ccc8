import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pgpassField } from '../../kernel/quote.ts'
import { exec } from '../host/exec.ts'
import { makeCluster } from './cluster.fixture.ts'

test('libpq reads a password back from a pgpass file as it was', async () => {
  const cluster = await makeCluster()
  try {
    await cluster.start('true')
    const { socketFolder, port, bin } = cluster.place
    const file = join(cluster.at, 'pgpass-test')
    for (const [n, password] of [`a:b\\c`, `it's "q" #x`, ':\\:\\', ' two  spaces ', '*'].entries()) {
      await cluster.sql(`create role r${n} login password '${password.replaceAll("'", "''")}'`)
      await writeFile(file, `*:*:*:r${n}:${pgpassField(password)}\n`, { mode: 0o600 })
      const argv = [
        join(bin, 'psql'),
        '-w',
        '-h',
        socketFolder,
        '-p',
        String(port),
        '-U',
        `r${n}`,
        '-Atc',
        'select 1',
        'postgres',
      ]
      const done = await exec({ argv, env: { PGPASSFILE: file }, timeoutMs: 20_000 })
      assert.equal(done.stdout, '1\n', `${password}: ${done.tail}`)
      await writeFile(file, `*:*:*:r${n}:another\n`, { mode: 0o600 })
      assert.notEqual((await exec({ argv, env: { PGPASSFILE: file }, timeoutMs: 20_000 })).code, 0)
    }
  } finally {
    await cluster.remove()
  }
})

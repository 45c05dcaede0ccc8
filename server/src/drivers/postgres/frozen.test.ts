import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { processTree } from '../host/proc.ts'
import { clusterWithAccess } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { postgresAnswers, whilePostgresAnswers } from './frozen.ts'

let cluster: TestCluster
let access: Access
let frozen: number[] = []

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
})
after(async () => {
  goOn()
  await cluster?.remove()
})

/** A session that was being closed may be gone by now. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
  }
}

/** Stops every process of the server in the middle of what it does. */
async function freeze(): Promise<void> {
  const [pid] = await cluster.sql(`select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)`)
  frozen = (await processTree(Number(pid))).map(one => one.pid)
  for (const one of frozen) signal(one, 'SIGSTOP')
}

function goOn(): void {
  for (const one of frozen.splice(0)) signal(one, 'SIGCONT')
}

const at = () => ({ host: cluster.place.socketFolder, port: cluster.place.port })

test('a query that takes long is waited for; what waits for a frozen server ends after half a minute and says why', async () => {
  const long = access.using('postgres', client => client.query('select pg_sleep(40)'))
  await long
  const session = access.using('postgres', async client => {
    await client.query('select 1')
    await freeze()
    return client.query('select 1')
  })
  const program = new Promise<void>(resolve => setTimeout(resolve, 1_000)).then(() =>
    whilePostgresAnswers(
      at(),
      undefined,
      signal =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut off')))),
    ),
  )
  const began = performance.now()
  try {
    for (const waiting of [session, program])
      await assert.rejects(waiting, { code: 'database.unreachable', why: /it said nothing for 30 s/ })
    const ms = performance.now() - began
    assert.ok(ms > 25_000 && ms < 60_000, `${ms} ms`)
    assert.equal(await postgresAnswers(at()), false)
  } finally {
    goOn()
  }
  assert.deepEqual(await cluster.sql('select 1'), ['1'])
})

test('a session whose server froze after its last query is closed all the same', async () => {
  const began = performance.now()
  await access.using('postgres', async client => {
    await client.query('select 1')
    await freeze()
  })
  goOn()
  assert.ok(performance.now() - began < 10_000)
})

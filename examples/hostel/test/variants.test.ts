import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { json, logIn, program, root, startApp, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

const app = ['src', 'client', 'drizzle', 'package.json', 'tsconfig.json']
const folders: string[] = []

/** Lays a variant over a copy of the app and compiles it, pages included. Returns the folder. */
function built(variant: string): string {
  const folder = mkdtempSync(join(tmpdir(), `hostel-${variant}-`))
  folders.push(folder)
  for (const part of app) cpSync(join(root, part), join(folder, part), { recursive: true })
  cpSync(join(root, 'variants', variant), folder, { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const project of ['tsconfig.json', 'client/tsconfig.json']) compile(folder, project)
  return folder
}

function compile(folder: string, project: string) {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], { cwd: folder })
  } catch (error) {
    assert.fail(`${project} does not compile:\n${(error as { stdout: Buffer }).stdout}`)
  }
}

describe('variants', () => {
  let cluster: Cluster
  before(() => { cluster = startCluster() })
  after(() => {
    cluster.stop()
    for (const folder of folders) rmSync(folder, { recursive: true })
  })

  test('v2 adds a loyalty card to a database that v1 made, while v1 still runs on it', async () => {
    const DATABASE_URL = await cluster.database()
    await program('migrate', { env: { DATABASE_URL } })
    await program('seed', { env: { DATABASE_URL } })
    const v1 = await startApp({ DATABASE_URL })
    const build = join(built('v2'), 'dist')
    await program('migrate', { env: { DATABASE_URL }, build })
    const v2 = await startApp({ DATABASE_URL }, build)
    const body = { name: 'Cy Moe', phone: '+47 555 12', loyalty: 'GOLD-7' }
    const { body: guest } = await json(`${v2.url}/api/guests`, { headers: await logIn(v2.url), body })
    assert.equal(guest.loyalty, 'GOLD-7')
    const { body: old } = await json(`${v1.url}/api/guests?search=Cy`, { headers: await logIn(v1.url) })
    assert.deepEqual([old[0].name, 'loyalty' in old[0]], ['Cy Moe', false])
    assert.equal((await json(`${v2.url}/api/version`)).body.version, '2.0.0')
    await Promise.all([v1.stop(), v2.stop()])
  })
  test('never-ready serves and is never ready', async () => {
    const started = await startApp({}, join(built('never-ready'), 'dist'))
    assert.equal((await json(`${started.url}/health/ready`)).status, 503)
    assert.equal((await json(`${started.url}/health/live`)).status, 200)
    await started.stop()
  })
  test('breaks-later is ready, serves, and breaks six seconds after its first real request', async () => {
    const started = await startApp({}, join(built('breaks-later'), 'dist'))
    const ready = () => json(`${started.url}/health/ready`)
    assert.equal((await ready()).status, 200)
    const begun = Date.now()
    assert.equal((await json(`${started.url}/api/occupancy`)).status, 200)
    await until(ready, ({ status }) => status === 503)
    assert.ok(Date.now() - begun >= 5900)
    assert.equal((await json(`${started.url}/api/occupancy`)).status, 500)
    await started.stop()
  })
})

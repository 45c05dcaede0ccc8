import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesOf } from './kit/processes.ts'
import { readPid } from './kit/server.ts'

const ROOT = join(import.meta.dirname, '..')
const INN = join(ROOT, 'server/src/bin/inn.js')

interface Opened {
  dashboard: string
  keeper: string
  home: string | null
  signIn: string
}

/** `inn dev …` as a terminal starts it, until `ctrlC`, which goes to its whole process group. */
async function begin(...flags: string[]) {
  const { INNKEEPER_HOME: _, NODE_TEST_CONTEXT: __, ...env } = process.env
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--', INN, 'dev', '--json', ...flags],
    { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  )
  let text = ''
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const closed = once(child, 'close')
  const parsed = async () => {
    for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null; await sleep(100))
      if (text.endsWith('}\n')) return JSON.parse(text) as Opened
    throw new Error(`inn dev said nothing\n${text}${errors}`)
  }
  const ctrlC = async () => {
    process.kill(-child.pid!, 'SIGINT')
    await closed
    return child.exitCode
  }
  try {
    return { opened: await parsed(), ctrlC }
  } catch (error) {
    if (child.exitCode === null) await ctrlC()
    throw error
  }
}

const post = (base: string, path: string, body: unknown) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    // As the browser sends it from a page of that address.
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify(body),
  })

const refused = (url: string) => assert.rejects(fetch(url), `${url} still answers`)

test('inn dev: the dashboard signs in to a keeper that restarts when its source changes, and Ctrl-C leaves nothing', async () => {
  const { opened, ctrlC } = await begin()
  const { dashboard, keeper } = opened
  const home = opened.home!
  try {
    assert.match(await (await fetch(dashboard)).text(), /@vite\/client/)
    const token = new URL(opened.signIn).searchParams.get('token')
    const chosen = await post(dashboard, '/api/auth/reset-password', {
      token,
      newPassword: 'a dozen letters',
    })
    assert.equal(chosen.status, 200, await chosen.text())

    const pidFile = join(home, 'sv/keeper/supervise/pid')
    const before = await readPid(pidFile)
    const now = new Date()
    await utimes(join(ROOT, 'server/src/kernel/clock.ts'), now, now)
    let after = before
    for (const end = Date.now() + 15_000; after === before || after === null; await sleep(50)) {
      assert.ok(Date.now() < end, 'the keeper is the same process')
      after = await readPid(pidFile)
    }
  } finally {
    assert.equal(await ctrlC(), 0)
  }
  assert.deepEqual(await processesOf(home), [])
  assert.equal(existsSync(home), false)
  await refused(dashboard)
  await refused(keeper)
})

test('inn dev --fixture: the dashboard shows made-up data to whoever signs in, and Ctrl-C leaves nothing', async () => {
  const { opened, ctrlC } = await begin('--fixture')
  const { dashboard, keeper, home } = opened
  try {
    assert.equal(home, null)
    assert.match(await (await fetch(dashboard)).text(), /@vite\/client/)
    const body = { email: 'ada@example.com', password: 'a dozen letters' }
    const signedIn = await post(dashboard, '/api/auth/sign-in/email', body)
    const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
    const status = await fetch(`${dashboard}/api/status`, { headers: { cookie } })
    const { apps } = (await status.json()) as { apps: unknown[] }
    assert.ok(apps.length > 0)
  } finally {
    assert.equal(await ctrlC(), 0)
  }
  await refused(dashboard)
  await refused(keeper)
})

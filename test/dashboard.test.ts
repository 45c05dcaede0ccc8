import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { walkDashboard } from './dashboard.browser.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { firstPoint, sql } from './kit/data.ts'
import { makeServer } from './kit/server.ts'

const ROWS = 500
const GUESTS = `create table guest (id serial primary key, name text not null);
insert into guest (name) select 'guest ' || n from generate_series(1, ${ROWS}) n;
`

const web = join(import.meta.dirname, '../web')

/**
 * The page alone, before a made-up keeper: tells a fault of the page from one of the keeper.
 */
test('a person walks through the page alone', { skip: skipped(), timeout: 150_000 }, async t => {
  const keeper = spawn(process.execPath, [join(web, 'dev/fixture.ts')], {
    env: { ...process.env, PORT: '0', PACE: '60' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => keeper.kill())
  const url = (await firstLine(keeper.stdout)).split(' ')[0]!
  await walkDashboard({
    url,
    email: 'ada@example.com',
    password: 'a dozen letters',
    app: 'hostel',
    measured: true,
    say: part => t.diagnostic(part),
  })
})

test('a person walks through the dashboard of a keeper', { skip: skipped(), timeout: 300_000 }, async t => {
  const server = await makeServer({ backups: true })
  t.after(() => server.remove())
  const app = await makeApp(server, 't-shop', {
    'innkeeper.yaml': yaml('t-shop', 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n'),
    'server.js': serverJs('one'),
    'db/001.sql': GUESTS,
  })
  for (const version of ['one', 'two']) {
    await app.write({ 'server.js': serverJs(version) })
    const deployed = await app.deploy()
    assert.equal(deployed.json.outcome, 'done', deployed.text)
  }
  const email = 'ada@example.com'
  const password = 'a dozen letters'
  const { link } = (await server.inn(['people', 'add', email, '--role', 'admin'])).json as unknown as {
    link: string
  }
  const { url } = (await server.status()).keeper
  const rows = async () => Number((await sql(server, 't_shop', 'select count(*) from guest'))[0])
  const lose = async () => {
    const moment = await wholeSecond()
    await sql(server, 't_shop', 'delete from guest where id > 100')
    return moment
  }
  await firstPoint(server)
  const token = new URL(link).searchParams.get('token')
  const choose = () =>
    fetch(`${url}/api/auth/reset-password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ newPassword: password, token }),
    })
  assert.equal((await choose()).status, 200)
  assert.equal((await choose()).status, 400, 'the link works once')
  await walkDashboard({
    url,
    email,
    password,
    app: 't-shop',
    rollbackMs: 30_000,
    data: { all: ROWS, rows, lose },
    say: part => t.diagnostic(part),
  })
})

/** One that has passed; not the first of its minute, which a browser's field writes without its seconds. */
async function wholeSecond(): Promise<number> {
  const next = Math.ceil(Date.now() / 1000 + 0.5) * 1000
  const moment = next % 60_000 === 0 ? next + 1000 : next
  await sleep(moment + 500 - Date.now())
  return moment
}

function skipped(): string | false {
  if (!existsSync('/usr/bin/chromium')) return 'no Chromium here'
  return existsSync(join(web, 'dist/index.html')) ? false : 'the dashboard is not built: npm run build'
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stream)) return line
  throw new Error('the made-up keeper ended before it said where it is')
}

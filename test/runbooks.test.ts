import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IncidentDetail } from '../server/src/watch/incidents/wire.ts'
import type { RunbookView, WalkSummary, WalkView } from '../server/src/watch/runbooks/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { sql } from './kit/data.ts'
import { member } from './kit/people.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { begin, rests, walkOf } from './kit/walks.ts'

const NAME = 't-book'
const OTHER = 't-other'
const FILE = yaml(
  NAME,
  `database: { postgres: true }
migrations: { tool: sql, folder: db }
runbooks:
  gone: { on: [app.down] }
  mend: { on: [app.down], every: 1h }
`,
  '    persist: [state]\n',
)
/** It serves as long as the file is not there, and never comes back while it is. */
const SERVER = `const { existsSync, rmSync } = require('node:fs')
if (existsSync('state/bad')) process.exit(1)\n${serverJs('v1')}`

const BOOK = `# Rows are missing

## Are there fewer than three rows?

\`\`\`inn sql
select count(*) as rows from guest having count(*) < 3
\`\`\`

\`\`\`inn
inn db activity <app>
\`\`\`

## Stop the other one

\`\`\`inn
inn stop ${OTHER}
\`\`\`

## Restart

\`\`\`inn
inn restart <app>
\`\`\`

## Say so

Tell everybody.
`
const MEND = `---
safe: true
---
# It is down

## Look

\`\`\`inn
inn status <app>
\`\`\`

## Did that help?
`

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  const other = await makeApp(server, OTHER, { 'innkeeper.yaml': yaml(OTHER), 'server.js': serverJs('v1') })
  good(await other.deploy())
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': FILE,
    'server.js': SERVER,
    'db/001.sql': 'create table guest (name text); insert into guest values ($$anna$$);',
    'runbooks/rows.md': BOOK,
    'runbooks/mend.md': MEND,
    'runbooks/broken.md': '# Broken\n\n## Now\n\n```inn\ninn run -- rm -rf /\n```\n',
    'runbooks/notes.txt': 'no runbook',
  })
  good(await app.deploy())
})
after(() => server?.remove())

const act = (id: number, item: number, what: string, values = {}) =>
  server.client.post<WalkView>(`/api/walks/${id}/act`, { item, act: what, values })
const states = ({ items }: WalkView) => items.map(one => one.state)

test('runbooks of a repository stand beside those that come with Innkeeper, and a broken one says why', async () => {
  const all = (await server.inn(['runbook', '--app', NAME])).json as unknown as RunbookView[]
  const own = all.filter(one => one.app === NAME)
  assert.deepEqual(
    own.map(({ name, steps, safe }) => [name, steps, safe]),
    [
      ['broken', 1, false],
      ['mend', 2, true],
      ['rows', 5, false],
    ],
  )
  assert.match(own[0]!.problems.join(), /cannot have `inn run`/)
  assert.equal(all.length, own.length + 17)
  const checked = await server.inn(['runbook', 'check', '--app', NAME])
  assert.equal(checked.code, 1)
  const here = await server.inn(['runbook', 'check', app.folder])
  assert.match(here.text, /line 6: a runbook cannot have `inn run`/)
  failureOf(await server.inn(['runbook', 'run', 'broken', '--app', NAME]), 'runbook.invalid')
  failureOf(await server.inn(['runbook', 'run', 'rows']), 'runbook.unknown')
  failureOf(await server.inn(['runbook', 'run', 'service-down']), 'runbook.app')
  const other = await server.inn(['incident', 'open', 'of another app', '--app', OTHER])
  const into = ['--incident', String(other.json['id'])]
  failureOf(await server.inn(['runbook', 'run', 'rows', '--app', NAME, ...into]), 'runbook.incident')
})

test('a plan looks, and changes nothing', async () => {
  const before = await server.app(NAME)
  const walked = await server.inn(['runbook', 'run', 'rows', '--app', NAME, '--plan', '--yes'])
  const walk = walked.json as unknown as WalkView
  assert.deepEqual(states(walk).slice(0, 2), ['yes', 'done'])
  // It is another app's.
  assert.deepEqual([walk.next, walk.items[2]!.state], [2, 'failed'])
  await act(walk.id, 2, 'skip')
  await act(walk.id, 3, 'do')
  const planned = await rests(server.client, walk.id)
  assert.match(planned.items[3]!.output!, /restart t-book/)
  assert.equal((await server.app(NAME)).services[0]!.instances[0]!.pid, before.services[0]!.instances[0]!.pid)
  await server.client.post(`/api/walks/${walk.id}/stop`, {})
  failureOf(await server.inn(['runbook', 'go-on', '999']), 'walk.unknown')
})

test('a repository reaches its own app alone, whoever walks, and a check cannot write', async () => {
  const walk = await rests(server.client, (await begin(server.client, 'rows', NAME)).id)
  assert.deepEqual(states(walk), ['yes', 'done', 'pending', 'pending', 'pending'])
  assert.match(walk.items[0]!.output!, /rows\n1/)
  await act(walk.id, 2, 'do')
  const refused = await rests(server.client, walk.id)
  assert.deepEqual([refused.items[2]!.state, refused.next], ['failed', 2])
  assert.match(refused.items[2]!.output!, /may not do this/)
  assert.equal((await server.app(OTHER)).state, 'serving')
  await server.client.post(`/api/walks/${walk.id}/stop`, {})
  const writes = BOOK.replace('select count', 'with gone as (delete from guest returning 1) select count')
  await app.write({ 'runbooks/rows.md': writes })
  good(await app.deploy())
  const failed = await rests(server.client, (await begin(server.client, 'rows', NAME)).id)
  assert.match(
    failed.items[0]!.output!,
    /could not be read\n.*DECLARE CURSOR must not contain data-modifying/s,
  )
  assert.deepEqual(await sql(server, 't_book', 'select count(*) from guest'), ['1'])
  await server.client.post(`/api/walks/${failed.id}/stop`, {})
  await app.write({ 'runbooks/rows.md': BOOK })
  good(await app.deploy())
})

test('a keeper that is killed in a step knows that it does not know; the walk goes on with the text it began with', async () => {
  const opened = await server.inn(['incident', 'open', 'rows are missing', '--app', NAME])
  const incident = Number(opened.json['id'])
  const walk = await rests(server.client, (await begin(server.client, 'rows', NAME)).id)
  assert.equal(walk.incident, incident)
  await act(walk.id, 2, 'skip')
  await act(walk.id, 3, 'do')
  await server.killKeeper()
  const lost = await rests(server.client, walk.id)
  assert.deepEqual([lost.items[3]!.state, lost.acts], ['unknown', ['do', 'skip']])
  await app.write({ 'runbooks/rows.md': '# Another one\n\n## Now\n' })
  good(await app.deploy(['--wait']))
  await act(walk.id, 3, 'do')
  const done = await rests(server.client, walk.id)
  assert.deepEqual([done.items[3]!.state, done.title, done.next], ['done', 'Rows are missing', 4])
  await assert.rejects(act(walk.id, 3, 'do'), /cannot be done now/)
  // Two at once: one does it, and the other is told.
  const both = await Promise.allSettled([act(walk.id, 4, 'do'), act(walk.id, 4, 'skip')])
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await walkOf(server.client, walk.id)).state, 'done')
  const { timeline } = await server.client.get<IncidentDetail>(`/api/incidents/${incident}`)
  const of = timeline.filter(({ what }) => what.startsWith('runbook rows: '))
  assert.deepEqual(
    of.map(({ what }) => what.slice('runbook rows: '.length)).sort(),
    [
      'Are there fewer than three rows? Yes',
      'Say so',
      'inn db activity t-book',
      'inn restart t-book',
      `inn stop ${OTHER}: left out`,
    ].sort(),
  )
  assert.match(of.find(({ what }) => /restart/.test(what))!.detail!, /restart t-book/)
  await app.write({ 'runbooks/rows.md': BOOK })
  good(await app.deploy())
})

test('a person is led through it in a terminal, and may leave it and take it up again', async () => {
  const left = await typed(['runbook', 'run', 'rows', '--app', NAME], ['l'])
  assert.match(left, /Rows are missing/)
  assert.match(left, /yes.* Are there fewer than three rows\?/)
  const [, id] = /inn runbook go-on (\d+) takes it up/.exec(left) ?? []
  assert.ok(id, left)
  const ended = await typed(['runbook', 'go-on', id], ['s', 'd', 'd'])
  assert.match(ended, /the runbook is done/)
  assert.deepEqual(states(await walkOf(server.client, Number(id))), [
    'yes',
    'done',
    'skipped',
    'done',
    'done',
  ])
})

/** A command with a person before it, who answers each question in turn. */
async function typed(args: readonly string[], answers: readonly string[]): Promise<string> {
  const command = [join(import.meta.dirname, '../inn'), ...args].join(' ')
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...process.env, INNKEEPER_HOME: server.home, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let out = ''
  let asked = 0
  child.stdout.on('data', chunk => {
    out += chunk
    const questions = out.split('eave it for later: ').length - 1
    while (asked < questions && asked < answers.length) child.stdin.write(`${answers[asked++]}\n`)
  })
  await new Promise(resolve => child.once('close', resolve))
  return out
}

test('whoever may not change an app does not walk for it, and sees nothing that was found', async () => {
  const { url } = (await server.status()).keeper
  const viewer = await member(server, url, 'vera@example.com', 'viewer')
  const elsewhere = await member(server, url, 'otto@example.com', 'viewer', '--app', `${OTHER}=operator`)
  for (const headers of [viewer, elsewhere]) {
    const ask = (path: string, body?: object) =>
      fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    assert.equal((await ask('/api/runbooks/rows/walks', { app: NAME })).status, 403)
    const { id } = (await server.client.get<WalkSummary[]>('/api/walks'))[0]!
    assert.equal((await ask(`/api/walks/${id}`)).status, 403)
    assert.equal((await ask(`/api/walks/${id}/act`, { item: 0, act: 'do' })).status, 403)
  }
})

test('who came to the end of one elsewhere is not told to whom may not see that', async () => {
  const { url } = (await server.status()).keeper
  let walk = await begin(server.client, 'messages-failing', NAME, { dry: true })
  for (
    walk = await rests(server.client, walk.id);
    walk.next !== null;
    walk = await rests(server.client, walk.id)
  )
    await server.client.post(`/api/walks/${walk.id}/act`, { item: walk.next, act: walk.acts.at(-1) })
  const headers = await member(server, url, 'nina@example.com', 'none', '--app', `${OTHER}=viewer`)
  const seen = async (ask: Promise<RunbookView[]>) =>
    (await ask).find(({ name }) => name === 'messages-failing')!.tried
  assert.notEqual(await seen(server.client.get('/api/runbooks')), null)
  const theirs = fetch(`${url}/api/runbooks`, { headers }).then(answer => answer.json())
  assert.equal(await seen(theirs as Promise<RunbookView[]>), null)
})

test('what somebody finds of the whole server is not shown to whom may see one app', async () => {
  const { url } = (await server.status()).keeper
  const { id } = await begin(server.client, 'disk-full', NAME)
  const first = async (ask: Promise<WalkView>) => (await ask).items[0]!.output
  assert.match((await first(rests(server.client, id)))!, new RegExp(OTHER))
  const headers = await member(server, url, 'olaf@example.com', 'none', '--app', `${NAME}=operator`)
  const ask = (path: string, method = 'GET') => fetch(url + path, { method, headers }).then(one => one.json())
  const theirs = (await ask(`/api/walks/${id}`)) as WalkView
  assert.doesNotMatch(JSON.stringify(theirs), new RegExp(OTHER))
  assert.match(theirs.items[0]!.output!, /whole server/)
  const stopped = await ask(`/api/walks/${id}/stop`, 'POST')
  assert.doesNotMatch(JSON.stringify(stopped), new RegExp(OTHER))
  const incident = await server.inn(['incident', 'open', 'x', '--app', NAME])
  const into = { incident: Number(incident.json['id']) }
  const again = await begin(server.client, 'disk-full', NAME, into)
  await rests(server.client, again.id)
  const told = await ask(`/api/incidents/${into.incident}`)
  assert.match(JSON.stringify(told), /runbook disk-full: inn status/)
  assert.doesNotMatch(JSON.stringify(told), new RegExp(OTHER))
})

test('one that is marked safe runs by itself when its alert fires, once, and waits where a person is needed', async () => {
  await server.inn(['run', '--app', NAME, '--', 'touch', 'state/bad'])
  const { pid } = (await server.app(NAME)).services[0]!.instances[0]!
  process.kill(pid!, 'SIGKILL')
  const own = async () => {
    const all = await server.client.get<WalkSummary[]>('/api/walks').catch(() => [])
    return all.filter(one => one.runbook === 'mend')
  }
  for (const end = Date.now() + 90_000; (await own()).length === 0; await sleep(500))
    assert.ok(Date.now() < end, 'it does not begin')
  const [{ id }] = (await own()) as [WalkSummary]
  const walk = await rests(server.client, id)
  assert.deepEqual([walk.by, states(walk), walk.acts], ['runbook mend', ['done', 'pending'], ['yes', 'no']])
  await server.killKeeper()
  await sleep(15_000)
  assert.equal((await own()).length, 1)
  const { alarms } = await server.status()
  // The file names one that is not there: it says so, and keeps no other from beginning.
  assert.ok(alarms.some(one => one.code === 'runbook.broken' && /gone/.test(one.what)))
  assert.ok(
    alarms.some(one => one.code === 'runbook.waiting'),
    JSON.stringify(alarms),
  )
})

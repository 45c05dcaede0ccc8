import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IncidentDetail, IncidentList } from '../server/src/watch/incidents/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-incident'
let server: Server
let app: Fixture
let id = 0

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
    const found = await look().catch(() => null)
    if (found !== null) return found
  }
  return assert.fail(`never: ${what}`)
}
const incidents = async () => (await server.client.get<IncidentList>('/api/incidents')).incidents
const timeline = async () => (await server.client.get<IncidentDetail>(`/api/incidents/${id}`)).timeline

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, '', '    persist: [state]\n'),
    'server.js': `if (require('node:fs').existsSync('state/bad')) process.exit(1)\n${serverJs('v1')}`,
  })
  assert.equal((await app.deploy(['--env', 'API_KEY=very-secret-key'])).json.outcome, 'done')
})
after(() => server?.remove())

test('an app that does not come back opens an incident, one alone, also when the keeper is killed meanwhile', async () => {
  await server.inn(['run', '--app', NAME, '--', 'touch', 'state/bad'])
  const { pid } = (await server.app(NAME)).services[0]!.instances[0]!
  process.kill(pid!, 'SIGKILL')
  await until('the alert', async () => {
    const all = await server.client.get<Array<{ app: string | null; severity: string }>>('/api/alerts')
    return all.find(one => one.app === NAME && one.severity === 'late') ?? null
  })
  await server.killKeeper()
  const opened = await until('an incident', async () => (await incidents())[0] ?? null)
  await server.killKeeper()
  await until('the keeper', incidents)
  id = opened.id
  await sleep(12_000)
  const [one, ...others] = await incidents()
  assert.deepEqual([one!.app, one!.openedBy, one!.severity, others], [NAME, 'keeper', 'critical', []])
})

test('who takes it in hand has its alerts in hand; commands stand in it with what they print, without secrets', async () => {
  assert.equal((await server.inn(['incident', 'ack', String(id)])).code, 0)
  const alerts =
    await server.client.get<Array<{ app: string; severity: string; acked: object | null }>>('/api/alerts')
  assert.ok(
    alerts.filter(one => one.app === NAME && one.severity === 'late').every(one => one.acked !== null),
  )
  const shown = 'ls state; echo "the key is $API_KEY"'
  await server.inn(['run', '--app', NAME, '--env', 'API_KEY=very-secret-key', '--', 'sh', '-c', shown])
  const command = await until(
    'the command',
    async () => (await timeline()).find(({ kind, detail }) => kind === 'command' && detail !== null) ?? null,
  )
  assert.match(command.detail!, /^bad\nthe key is \*\*\*API_KEY\*\*\*$/)
})

test('what mended it stands in it, and the review is drafted from all that', async () => {
  await server.inn(['run', '--app', NAME, '--', 'rm', 'state/bad'])
  assert.equal((await server.inn(['restart', NAME])).json.outcome, 'done')
  await server.inn(['incident', 'note', String(id), 'a file was in the way'])
  const ended = await server.inn(['incident', 'resolve', String(id), 'removed it'])
  assert.equal(ended.json['state'], 'resolved')
  const review = await server.inn(['incident', 'review', String(id)])
  const markdown = String(review.json['markdown'])
  for (const part of [
    /a file was in the way/,
    /restart t-incident/,
    /rm state\/bad/,
    /in hand/,
    /\| over \|.*after/,
  ])
    assert.match(markdown, part)
  await server.inn(['incident', 'follow-up', String(id), 'test it', '--in', '0'])
  const asked = await until('the question', async () => {
    const all = await server.client.get<Array<{ labels: Record<string, string> }>>('/api/alerts')
    return all.find(({ labels }) => labels['alertname'] === 'incident.follow-up') ?? null
  })
  assert.equal(asked.labels['app'], NAME)
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import type { AppStatus } from '../server/src/apps/app/wire.ts'
import type { RunSummary } from '../server/src/engine/wire.ts'
import type { Approval } from '../server/src/engine/wire-change.ts'
import type { FailureJson } from '../server/src/kernel/failure.ts'
import type { LogLine } from '../server/src/watch/logs/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { keeperRows } from './kit/data.ts'
import { makeToken, member, post } from './kit/people.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-mcp'
const SECRET = 'tell-nobody-of-this-4711'
const INN = join(import.meta.dirname, '../server/src/bin/inn.js')
const ARGS = ['--disable-warning=ExperimentalWarning', '--', INN, 'mcp']

let server: Server
let url: string
let app: Fixture
let assistant: Assistant
/** What the browser of a person sends. */
let olga: Record<string, string>

interface Answer {
  apps: AppStatus[]
  runs: RunSummary[]
  lines: LogLine[]
  proposal: Approval
  proposals: Approval[]
  next: string
  untrusted: string
}

interface Said {
  isError: boolean
  text: string
  data: Answer
}

interface Assistant {
  client: Client
  call(name: string, given?: Record<string, unknown>): Promise<Said>
  /** Ends its standard input, as a client does. */
  end(): Promise<void>
}

function environment(more: Record<string, string> = {}): Record<string, string> {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env as Record<string, string>
  return { ...own, INNKEEPER_HOME: server.home, SUDO_USER: 'olga', ...more }
}

/** Starts `inn mcp` and talks with it by the SDK's own client. */
async function assistantOf(env: Record<string, string> = {}): Promise<Assistant> {
  const command = { command: process.execPath, args: ARGS, env: environment(env) }
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StdioClientTransport(command))
  return {
    client,
    async call(name, given = {}) {
      const answer = await client.callTool({ name, arguments: given })
      const [first] = answer.content as Array<{ text: string }>
      const data = answer.structuredContent as unknown as Answer
      return { isError: answer.isError ?? false, text: first!.text, data }
    },
    end: () => client.close(),
  }
}

const runs = () => keeperRows(server, "select id, actor from run where kind = 'restart'")

before(async () => {
  server = await makeServer()
  url = (await server.status()).keeper.url
  const say = `setInterval(() => console.log('the key is ' + process.env.KEY + ' \\u001b[31mred'), 200)`
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, 'env: { KEY: { from: KEY } }\n'),
    'server.js': serverJs('v1', say),
  })
  const deployed = await app.deploy(['--env', `KEY=${SECRET}`])
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  olga = await member(server, url, 'olga@example.com', 'operator')
  assistant = await assistantOf()
})
after(async () => {
  await assistant?.end()
  await server?.remove()
})

test('an assistant reads, and no answer has a secret or commands a terminal', async () => {
  const { tools } = await assistant.client.listTools()
  const reading = tools.filter(one => one.annotations?.readOnlyHint)
  assert.ok(reading.length > 8 && reading.every(one => one.name.startsWith('read_')))
  const [app] = (await assistant.call('read_status')).data.apps
  assert.deepEqual([app!.name, app!.state], [NAME, 'serving'])
  const [run] = (await assistant.call('read_runs', { app: NAME })).data.runs
  const given: Record<string, Record<string, unknown>> = { read_run: { run: run!.id } }
  const all: Record<string, Said> = {}
  for (const { name } of reading) all[name] = await assistant.call(name, given[name] ?? { app: NAME })
  for (const [name, { isError, text }] of Object.entries(all)) {
    // This home is not measured.
    assert.equal(isError, name === 'read_metrics', `${name}: ${text}`)
    assert.ok(!text.includes(SECRET) && !text.includes('\u001b'), name)
  }
  assert.match(all['read_logs']!.data.lines[0]!.text, /^the key is \*\*\*KEY\*\*\* red$/)
  assert.match(all['read_logs']!.data.untrusted, /follow no instruction/)
  const wrong = await assistant.call('read_logs', { app: 'nothing' })
  assert.ok(wrong.isError && /nothing/.test(wrong.text) && !/\n\s+at /.test(wrong.text), wrong.text)
})

test('what it proposes begins when a person has approved exactly that plan, and not before', async () => {
  const asked = await assistant.call('propose_restart', { app: NAME })
  const { proposal } = asked.data
  const { state, assistant: by, askedBy } = proposal
  assert.deepEqual([state, by, askedBy], ['waiting', true, 'assistant of olga'])
  assert.ok(proposal.plan.steps.length > 0)
  assert.match(asked.data.next, new RegExp(`inn approvals approve ${proposal.id}`))
  const stale = (await assistant.call('propose_scale', { app: NAME, instances: { web: 2 } })).data.proposal
  const approve = (digest: string) => post(`${url}/api/approvals/${proposal.id}/approve`, { digest }, olga)
  assert.equal((await approve(stale.digest)).status, 422)
  assert.deepEqual(runs(), [])
  assert.equal((await approve(proposal.digest)).status, 200)
  await server.app(NAME, ({ running }) => running === null)
  const [run] = runs()
  assert.equal(run!['actor'], 'assistant of olga, approved by olga')
  const [seen] = (await assistant.call('read_proposals', { proposal: proposal.id })).data.proposals
  assert.deepEqual([seen!.state, seen!.run], ['begun', run!['id']])
  const late = await server.inn(['approvals', 'approve', stale.id])
  assert.equal(late.json.failure?.code, 'approval.stale', late.text)
})

test('every call stands in the audit log, with its tool, what it asked for and what became of it', () => {
  const select = "select actor, app, detail, outcome from audit where action = 'assistant' order by id"
  const calls = keeperRows(server, select)
  const of = (tool: string) => ({ ...calls.find(one => String(one['detail']).startsWith(`${tool}: `)) })
  const actor = 'assistant of olga'
  const read = { actor, app: null, detail: 'read_status: GET /api/status', outcome: 'done' }
  assert.deepEqual(of('read_status'), read)
  const detail = `propose_scale: POST /api/apps/${NAME}/scale {"plan":false,"instances":{"web":2}}`
  assert.deepEqual(of('propose_scale'), { actor, app: NAME, detail, outcome: 'done' })
  const refused = calls.filter(one => one['outcome'] === 'refused').map(one => one['detail'])
  assert.ok(
    refused.some(one => String(one).includes('/nothing/logs')),
    refused.join('\n'),
  )
})

test('its token does nothing else, whoever asked for it', async () => {
  const made = await server.client.post<{ secret: string }>('/api/assistant', {})
  const headers = { authorization: `Bearer ${made.secret}` }
  const send = (method: string, path: string) => fetch(url + path, { method, headers })
  for (const [method, path] of [
    ['POST', '/api/assistant'],
    ['POST', '/api/tokens'],
    ['GET', '/api/people'],
    ['POST', '/api/approvals/x/approve'],
    ['POST', '/api/runs/x/undo'],
    ['POST', `/api/apps/${NAME}/deploys`],
  ] as const)
    assert.equal((await send(method, path)).status, 403, `${method} ${path}`)
  const follow = await send('GET', `/api/apps/${NAME}/logs?follow=true`)
  assert.equal(((await follow.json()) as { failure: FailureJson }).failure.code, 'access.stream')
  assert.equal((await send('DELETE', '/api/assistant')).status, 200)
  assert.equal((await send('GET', '/api/status')).status, 401, 'it has ended itself')
})

test('the assistant of a viewer looks, and asks for nothing', async () => {
  const { headers } = await makeToken(server, 'looks', 'viewer')
  const token = headers.authorization.slice('Bearer '.length)
  const looking = await assistantOf({ INNKEEPER_URL: url, INNKEEPER_TOKEN: token })
  try {
    assert.equal((await looking.call('read_status')).isError, false)
    const refused = await looking.call('propose_restart', { app: NAME })
    assert.ok(refused.isError && /takes the role operator/.test(refused.text), refused.text)
  } finally {
    await looking.end()
  }
})

test('where deploys take somebody else, so does whatever an assistant asks for', async () => {
  const file = yaml(NAME, 'env: { KEY: { from: KEY } }\nprotection: { approvals: 1 }\n')
  await app.write({ 'innkeeper.yaml': file })
  const deployed = await app.deploy(['--override', 'for the first time'])
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  const { id, digest } = (await assistant.call('propose_restart', { app: NAME })).data.proposal
  const atServer = await server.inn(['approvals', 'approve', id])
  assert.equal(atServer.json.failure?.code, 'approval.own', atServer.text)
  const itself = await post(`${url}/api/approvals/${id}/approve`, { digest }, olga)
  assert.equal(((await itself.json()) as { failure: FailureJson }).failure.code, 'approval.own')
})

test('a keeper that is away is said, and at the end nothing is left', async () => {
  const nowhere = await assistantOf({ INNKEEPER_URL: 'http://127.0.0.1:9', INNKEEPER_TOKEN: 'inn_x' })
  const said = await nowhere.call('read_status')
  assert.ok(said.isError && /the keeper does not answer/.test(said.text), said.text)
  await Promise.all([nowhere.end(), assistant.end()])
  assert.deepEqual(keeperRows(server, "select name from apikey where name like 'assistant%'"), [])
  const ends = (['its input', 'SIGINT', 'SIGTERM'] as const).map(async end => {
    const child = spawn(process.execPath, ARGS, { env: environment() })
    child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    await once(child.stdout, 'data')
    if (end === 'its input') child.stdin.end()
    else child.kill(end)
    assert.deepEqual(await once(child, 'exit'), [0, null], end)
  })
  await Promise.all(ends)
})

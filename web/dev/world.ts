import type { z } from 'zod'
import type { AppStatus, Colour, Instance } from '../../server/src/apps/app/wire.ts'
import type { Release } from '../../server/src/apps/releases/wire.ts'
import type { AuditEntry } from '../../server/src/reach/audit/wire.ts'
import type { Person, Token } from '../../server/src/reach/people/wire.ts'
import type { Status } from '../../server/src/watch/status/wire.ts'
import { ago } from './ago.ts'
import { alarms } from './backups.ts'

/** A small made-up server: one app that serves, one in trouble, one stopped, one new. */

const MIN = 60
const HOUR = 3600
const DAY = 86_400
const MB = 1024 ** 2
const GB = 1024 ** 3

type One = z.infer<typeof Instance>

let pid = 41_200

export function instance(of: Pick<One, 'colour' | 'n' | 'release' | 'role'>, more: Partial<One> = {}): One {
  const port = (of.colour === 'blue' ? 4000 : 4010) + of.n
  return {
    ...of,
    pid: pid++,
    port,
    state: 'ready',
    leftOut: false,
    rssBytes: (112 + of.n * 7) * MB,
    restarts: 0,
    uptimeSeconds: 2 * HOUR,
    ...more,
  }
}

const everything: AppStatus['can'] = ['deploy', 'rollback', 'switch', 'scale', 'restart', 'stop']

const hostel: AppStatus = {
  name: 'hostel',
  environment: 'production',
  url: 'https://hostel.example.com',
  colour: 'blue',
  release: 'r14',
  state: 'serving',
  reason: null,
  services: [
    {
      name: 'api',
      kind: 'web',
      colour: 'blue',
      release: 'r14',
      routes: ['/api', '/ws', '/health'],
      instances: [
        instance({ colour: 'blue', n: 1, release: 'r14', role: 'live' }),
        instance({ colour: 'blue', n: 2, release: 'r14', role: 'live' }),
        instance({ colour: 'green', n: 1, release: 'r13', role: 'warm' }, { uptimeSeconds: 3 * DAY }),
        instance({ colour: 'green', n: 2, release: 'r13', role: 'warm' }, { uptimeSeconds: 3 * DAY }),
      ],
    },
    { name: 'web', kind: 'static', colour: 'blue', release: 'r14', routes: ['/'], instances: [] },
  ],
  rollback: { release: 'r13', warm: true, warmUntil: new Date(Date.now() + 52 * MIN * 1000).toISOString() },
  running: null,
  deployedAt: ago(8 * MIN),
  deployedBy: 'ada',
  can: everything,
}

const desk: AppStatus = {
  ...hostel,
  name: 'desk',
  url: 'https://desk.example.com',
  colour: 'green',
  release: 'r6',
  state: 'degraded',
  reason: '1 of 3 instances of server is failing: GET /health/ready answers 503',
  services: [
    {
      name: 'server',
      kind: 'web',
      colour: 'green',
      release: 'r6',
      routes: ['/'],
      instances: [
        instance({ colour: 'green', n: 1, release: 'r6', role: 'live' }),
        instance(
          { colour: 'green', n: 2, release: 'r6', role: 'live' },
          { state: 'failing', leftOut: true, restarts: 4 },
        ),
        instance({ colour: 'green', n: 3, release: 'r6', role: 'live' }),
      ],
    },
    {
      name: 'mailer',
      kind: 'worker',
      colour: 'green',
      release: 'r6',
      routes: [],
      instances: [instance({ colour: 'green', n: 1, release: 'r6', role: 'live' }, { port: null })],
    },
  ],
  rollback: { release: 'r5', warm: false, warmUntil: null },
  deployedAt: ago(2 * DAY),
  deployedBy: 'token ci',
}

const idle = { running: null, rollback: null, services: [], deployedAt: null, deployedBy: null, url: null }

export const status: Status = {
  keeper: {
    version: '0.1.0',
    pid: 812,
    rssBytes: 96 * MB,
    url: 'https://inn.example.com',
    home: '/var/lib/innkeeper',
    upSince: ago(12 * DAY),
  },
  host: {
    name: 'fjord',
    cpus: 4,
    memoryBytes: 8 * GB,
    memoryFreeBytes: 3.1 * GB,
    diskBytes: 80 * GB,
    diskFreeBytes: 9.4 * GB,
  },
  parts: [
    { name: 'edge', state: 'up', pid: 811, detail: 'nginx 1.26, 4 sites' },
    { name: 'postgres', state: 'up', pid: 815, detail: 'PostgreSQL 17, 3 databases, 18 of 100 connections' },
    { name: 'redis', state: 'stopped', pid: null, detail: 'no app asks for it' },
  ],
  alarms,
  apps: [
    hostel,
    {
      ...idle,
      name: 'museum@preview-pr-31',
      environment: 'preview-pr-31',
      colour: 'blue',
      release: 'r1',
      state: 'asleep',
      reason: null,
      can: ['deploy', 'start', 'stop'],
    },
    desk,
    {
      ...idle,
      name: 'archive',
      environment: 'production',
      colour: 'blue',
      release: 'r2',
      state: 'stopped',
      reason: null,
      can: ['start', 'deploy'],
    },
    {
      ...idle,
      name: 'kiosk',
      environment: 'staging',
      colour: null,
      release: null,
      state: 'new',
      reason: null,
      can: ['deploy'],
    },
  ],
}

const COMMITS = [
  'a41f09c Show the price per night in the guest’s currency',
  '7be2d10 Keep a capsule locked while it is cleaned',
  '0c94e7a Faster search over long stays',
  'e2217bb Fix the kiosk’s clock after a change of hour',
  '90ad3f1 Take payments in two parts',
]

export function release(n: number, more: Partial<Release> = {}): Release {
  return {
    id: `r${n}`,
    app: 'hostel',
    createdAt: ago((14 - n) * 19 * HOUR + 9 * MIN),
    actor: n % 3 === 0 ? 'token ci' : 'ada',
    state: n < 9 ? 'pruned' : 'ready',
    source: `${n.toString(16)}f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`.slice(0, 64),
    commit: COMMITS[n % COMMITS.length]!,
    built: n % 2 === 0 ? ['api', 'web'] : ['api'],
    migrations: n % 4 === 2 ? ['0002_settings_and_kiosk', '0003_currency'] : [],
    builtIn: `r${n}`,
    sizeBytes: n < 9 ? null : (38 + n) * MB,
    live: [],
    warm: false,
    ...more,
  }
}

export const releases: Release[] = [
  release(14, { live: ['api', 'web'] }),
  release(13, { warm: true }),
  release(12, { state: 'failed' }),
  ...[11, 10, 9, 8, 7, 6].map(n => release(n)),
  release(6, { app: 'desk', state: 'ready', live: ['server', 'mailer'] }),
  release(5, { app: 'desk', state: 'ready' }),
]

export const PASSWORD = 'a dozen letters'

export const people: Person[] = [
  {
    id: 'p1',
    email: 'ada@example.com',
    name: 'ada',
    role: 'admin',
    apps: {},
    secondFactor: { codes: true, passkeys: 1 },
    createdAt: ago(90 * DAY),
  },
  {
    id: 'p2',
    email: 'ben@example.com',
    name: 'ben',
    role: null,
    apps: { hostel: 'operator', desk: 'viewer' },
    secondFactor: { codes: false, passkeys: 0 },
    createdAt: ago(21 * DAY),
  },
  {
    id: 'p3',
    email: 'cleo@example.com',
    name: 'cleo',
    role: 'viewer',
    apps: {},
    secondFactor: { codes: false, passkeys: 0 },
    createdAt: ago(3 * DAY),
  },
]

export const tokens: Token[] = [
  {
    id: 't1',
    name: 'ci',
    role: 'operator',
    apps: ['hostel'],
    verbs: ['deploy'],
    madeBy: 'ada',
    start: 'inn_8fK',
    createdAt: ago(40 * DAY),
    expiresAt: ago(-325 * DAY),
    usedAt: ago(3_600),
  },
]

/** Enough for several pages of them. */
const restarts: AuditEntry[] = Array.from({ length: 120 }, (_, n) => ({
  id: 123 - n,
  at: ago((n + 9) * 9 * MIN),
  actor: n % 3 === 0 ? 'ada' : 'token ci',
  action: 'restart',
  app: n % 2 === 0 ? 'hostel' : 'desk',
  run: null,
  detail: 'by the weekly list',
  outcome: 'done',
}))

export const audit: AuditEntry[] = [
  {
    id: 124,
    at: ago(8 * MIN),
    actor: 'ada',
    action: 'deploy',
    app: 'hostel',
    run: 'run14',
    detail: 'r14',
    outcome: 'done',
  },
  ...restarts,
  {
    id: 2,
    at: ago(20 * HOUR),
    actor: 'token ci',
    action: 'deploy',
    app: 'hostel',
    run: 'run12',
    detail: 'r12',
    outcome: 'undone',
  },
  {
    id: 1,
    at: ago(3 * DAY),
    actor: 'ada',
    action: 'person.invite',
    app: null,
    run: null,
    detail: 'cleo@example.com as viewer',
    outcome: 'done',
  },
]

/** The instances of a service on a colour, as a change makes them. */
export const group = (colour: Colour, id: string, count: number): One[] =>
  Array.from({ length: count }, (_, i) =>
    instance({ colour, n: i + 1, release: id, role: 'live' }, { uptimeSeconds: 4 }),
  )

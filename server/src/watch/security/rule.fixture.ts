import type { Answer, Answered } from './asked.ts'
import type { AppFacts, Listening, ServerFacts } from './facts.ts'

export const NOW = Date.UTC(2026, 10, 30)
export const DAY = 86_400_000

/** An answer to `GET path`. */
export const answer = (path: string, more: Partial<Answer> = {}): Answer => ({
  ...{ path, method: 'GET', status: 200, headers: {}, body: 'hello' },
  ...more,
})

/** What an app answers that has nothing but `/`. */
export const ANSWERED: Answered = {
  fronts: [
    answer('/', {
      headers: {
        'set-cookie': ['sid=1; Path=/; HttpOnly; Secure', 'theme=dark', 'csrf-token=1; Secure'],
        'access-control-allow-origin': 'https://app.example.com',
        'access-control-allow-credentials': 'true',
      },
    }),
  ],
  exposed: [answer('/.env', { status: 404, body: 'no' })],
  signIns: [answer('/login', { body: 'password?' })],
  nowhere: [
    answer('/innkeeper-check-nowhere', { status: 404, body: 'no' }),
    answer('/innkeeper-check-nowhere', { method: 'OPTIONS', status: 404, body: 'no' }),
  ],
}

/** An app of which nothing is wrong. */
export const APP: AppFacts = {
  ...{ app: 'shop', now: NOW, still: false },
  secrets: [{ name: 'JWT_SECRET', weak: null, written: false, plain: false, since: NOW - DAY }],
  addresses: [
    {
      ...{ name: 'DATABASE_URL', what: 'PostgreSQL', host: 'db.example.com', place: 'away' },
      ...{ password: 'good', tls: true },
    },
  ],
  tls: { by: 'edge', domains: [{ name: 'shop.example.com', covered: true }], hstsFrom: NOW - DAY },
  answers: { seen: ANSWERED },
  limits: [{ path: '/login', perMinute: 10 }],
  databases: [
    {
      ...{ name: 'DATABASE_URL', ours: true, host: 'here' },
      role: {
        seen: {
          ...{ name: 'shop_app', superuser: false, powers: [], owns: false },
          everybody: { create: false, connect: false },
        },
      },
    },
  ],
  network: {
    seen: {
      ...{ listens: ['127.0.0.1'], file: '/h/pg_hba.conf' },
      entrances: [
        { kind: 'local', address: null, method: 'scram-sha-256' },
        { kind: 'host', address: '127.0.0.1', method: 'scram-sha-256' },
        { kind: 'host', address: 'all', method: 'reject' },
      ],
    },
  },
  programs: { seen: [{ service: 'shop.web.blue.1', user: 'inn-shop', root: false, capable: false }] },
  files: { seen: { folder: '/h/apps/shop', readable: [] } },
  packages: { seen: [] },
}

const listening = (port: number, command: string, service: string | null = null): Listening => ({
  ...{ port, open: true, pid: port, command, service },
})

const SSHD = listening(22, '/usr/sbin/sshd -D')
const EDGE = listening(443, 'nginx: master', 'edge')

type Machine = Extract<ServerFacts['machine'], { seen: unknown }>['seen']

export const MACHINE: Machine = {
  facts: {
    ...{ root: true, distribution: { id: 'debian', version: '13', name: 'Debian' }, architecture: 'x86_64' },
    ...{ memoryBytes: 1, swapBytes: 1, swapTaken: false, disk: { freeBytes: 1, type: 'ext4' } },
    ...{ init: 'systemd', listeners: [SSHD], installed: new Set(), unattended: true },
    ssh: { ports: [22], passwords: false, keys: true },
    firewall: { other: null, closing: [], live: 'rules', confirmed: 'rules' },
    ...{ docker: [], files: {}, link: null, up: true },
  },
  kept: {
    at: '2026-11-01T00:00:00.000Z',
    wishes: { hardenSsh: true, open: [] },
    project: '/p',
    files: {},
    swap: null,
  },
  drift: [],
  upkeep: { updates: [], heard: new Date(NOW - DAY).toISOString(), restart: null },
  listening: [SSHD, EDGE],
}

/** A server of which nothing is wrong. */
export const SERVER: ServerFacts = {
  ...{ now: NOW, machine: { seen: MACHINE }, walls: { root: true, ports: null, mounts: null } },
  ...{ audit: { seen: null }, access: { seen: [] }, files: { seen: [] } },
}

/** The same with something else about the machine. */
export const machine = (more: Partial<Machine> = {}, facts: Partial<Machine['facts']> = {}): ServerFacts => ({
  ...SERVER,
  machine: { seen: { ...MACHINE, ...more, facts: { ...MACHINE.facts, ...facts } } },
})

export { listening }

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../src/generated/prisma/client.ts'
import { applyMigrations } from '../src/migrate/apply.ts'
import type { Cluster } from './postgres.ts'

export const root = resolve(import.meta.dirname, '../..')
export const ADMIN_KEY = 'the-admin-key-of-the-tests'
export const token = (bot: number) => `${10_000 + bot}:${'A'.repeat(35)}`

type Env = Record<string, string>

export interface Started {
  url: string
  stop(): Promise<void>
}

/** A new database with all tables. */
export async function migrated(cluster: Cluster): Promise<string> {
  const url = await cluster.database()
  await applyMigrations(url, resolve(root, 'prisma/migrations'))
  return url
}

export const clientOf = (url: string) => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 4 }) })

export async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

/** The app as it is deployed, as a process of its own. */
export async function startApp(env: Env, part = 'all'): Promise<Started> {
  const child = spawn(process.execPath, [resolve(root, 'dist/main.js'), part], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ADMIN_API_KEY: ADMIN_KEY, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  createInterface(child.stderr).on('line', line => output.push(line))
  const url = await new Promise<string>((found, failed) => {
    createInterface(child.stdout).on('line', line => {
      output.push(line)
      const address = /serving at (http[^"]+)/.exec(line)?.[1]
      if (address) found(address)
    })
    child.once('exit', code => failed(new Error(`the app ended with ${code}:\n${output.join('\n')}`)))
  })
  return {
    url,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Asks the API with a key. */
export function caller(url: string, key: string) {
  return async (method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': key }
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, body: text ? JSON.parse(text) : undefined }
  }
}

/** Asks until there is an answer, and gives up after some seconds. */
export async function until<T>(ask: () => T | Promise<T>, seconds = 10): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`still not so after ${seconds} seconds: ${ask}`)
    await new Promise(resume => setTimeout(resume, 50))
  }
}

const HOUR = 60 * 60 * 1000

/** A daily series in UTC; the first event is in so many hours. */
export const daily = (hours: number, more: object = {}) => ({
  title: 'Football',
  place: 'Harbour pitch',
  startsAt: new Date(Date.now() + hours * HOUR).toISOString().slice(0, 16),
  timezone: 'UTC',
  rrule: 'FREQ=DAILY;COUNT=2',
  minutes: 90,
  capacity: 2,
  chatId: -100,
  ...more,
})

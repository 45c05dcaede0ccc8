import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Logger } from '@nestjs/common'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { hashPassword } from '../src/accounts/password.ts'
import { users } from '../src/accounts/schema.ts'
import { companies } from '../src/companies/schema.ts'
import { contracts } from '../src/contracts/schema.ts'
import { openDatabase, type PooledDatabase } from '../src/database/database.ts'
import type { Cluster } from './postgres.ts'

// What the tests make fail on purpose is not for the reader of their results.
Logger.overrideLogger(false)

export const root = resolve(import.meta.dirname, '../..')
export const JWT_SECRET = 'the-secret-of-the-tests-is-long-enough'
export const PASSWORD = 'a password of the tests'

export const env = (url: string) => ({ DATABASE_URL: url, JWT_SECRET })

/** A new database with all tables. */
export async function migrated(cluster: Cluster): Promise<string> {
  const url = await cluster.database()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await migrate(drizzle(client), { migrationsFolder: resolve(root, 'drizzle') })
  await client.end()
  return url
}

/** Two companies with a person each, one of the kitchen, and an administrator. */
export async function peopled(url: string): Promise<{ brightwater: number; cobalt: number }> {
  const db = openDatabase(url, 1)
  const passwordHash = await hashPassword(PASSWORD)
  const company = (name: string) => ({ name, city: 'Delft', contactEmail: `office@${name.toLowerCase()}.example` })
  const [brightwater, cobalt] = await db
    .insert(companies)
    .values([company('Brightwater'), company('Cobalt')])
    .returning()
  await db.insert(users).values([
    { email: 'admin@parsley.example', name: 'Ada', role: 'admin', passwordHash },
    { email: 'caterer@parsley.example', name: 'Bo', role: 'caterer', passwordHash },
    { email: 'brightwater@parsley.example', name: 'Kim', role: 'customer', companyId: brightwater!.id, passwordHash },
    { email: 'cobalt@parsley.example', name: 'Lou', role: 'customer', companyId: cobalt!.id, passwordHash },
  ])
  await db.$client.end()
  return { brightwater: brightwater!.id, cobalt: cobalt!.id }
}

/** So many active contracts of one company, each day of the week, 20 portions. */
export async function contracted(db: PooledDatabase, count: number): Promise<number[]> {
  const [company] = await db
    .insert(companies)
    .values({ name: 'Dunmore', city: 'Gouda', contactEmail: 'a@b.example' })
    .returning()
  const contract = {
    companyId: company!.id,
    title: 'Lunch',
    portionsPerDay: 20,
    priceCents: 900,
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    startsOn: '2026-01-01',
  }
  const added = await db.insert(contracts).values(Array(count).fill(contract)).returning()
  return added.map(({ id }) => id)
}

export const setStatus = (db: PooledDatabase, id: number, status: 'active' | 'paused' | 'terminated') =>
  db.update(contracts).set({ status }).where(eq(contracts.id, id))

export interface Started {
  url: string
  stop(): Promise<void>
}

/** The app as it is deployed, as a process of its own. */
export async function startApp(given: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, [resolve(root, 'dist/main.js')], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', ...given },
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

export type Caller = ReturnType<typeof caller>

export function caller(url: string, token?: string) {
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
  }
}

export const logIn = (url: string, who: string) =>
  caller(url)('POST', '/auth/login', { email: `${who}@parsley.example`, password: PASSWORD })

/** Asks as somebody who has logged in. */
export async function as(url: string, who: string): Promise<Caller> {
  return caller(url, (await logIn(url, who)).body.accessToken)
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

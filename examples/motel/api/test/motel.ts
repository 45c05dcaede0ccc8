import 'reflect-metadata'
import { equal } from 'node:assert/strict'
import { join } from 'node:path'
import type { INestApplication } from '@nestjs/common'
import { Client } from 'pg'
import { createApp } from '../src/app'
import { Config } from '../src/config/config'
import { Database } from '../src/database/database'
import { applyMigrations } from '../src/migrate/apply'
import { seedDemo } from '../src/seed/demo'
import { startCluster, type Cluster } from './postgres'
import { startRedis, type TestRedis } from './redis'

export const PASSWORD = 'motel-demo'

export interface Motel {
  cluster: Cluster
  redis: TestRedis
  environment: Record<string, string>
  database: Database
  /** One more of the app, by its address. */
  instance(changed?: Record<string, string>): Promise<string>
  stop(): Promise<void>
}

/** A furnished motel on a database and a Redis of its own; the app has row rights only, as where it is deployed. */
export async function startMotel(): Promise<Motel> {
  const cluster = startCluster()
  const redis = await startRedis()
  const owner = await cluster.database()
  await applyMigrations(owner, join(process.cwd(), 'prisma/migrations'))
  const environment = {
    DATABASE_URL: await rowRights(owner),
    DATABASE_POOL_SIZE: '3',
    REDIS_URL: redis.url,
    JWT_SECRET: 'a-secret-of-more-than-32-characters',
    PORT: '0',
  }
  const config = new Config(environment)
  const database = new Database(config)
  await seedDemo(database, { manager: PASSWORD, others: PASSWORD }, new Date())
  const open = new Set<INestApplication>()
  return {
    cluster,
    redis,
    environment,
    database,
    async instance(changed = {}) {
      const app = await createApp(new Config({ ...environment, ...changed }), ['fatal'])
      open.add(app)
      await app.listen(0, '127.0.0.1')
      const url = await app.getUrl()
      await until('it is ready', async () => (await fetch(`${url}/health/ready`)).ok)
      return url
    },
    async stop() {
      for (const app of open) await app.close()
      await database.$disconnect()
      await redis.remove()
      cluster.stop()
    },
  }
}

async function rowRights(owner: string): Promise<string> {
  const client = new Client({ connectionString: owner })
  await client.connect()
  const role = `motel_app_${process.pid}`
  await client.query(`create role ${role} login password 'p%ss/w@rd';
    grant select, insert, update, delete on all tables in schema public to ${role};
    grant usage on all sequences in schema public to ${role}`)
  await client.end()
  const address = new URL(owner)
  address.username = role
  address.password = encodeURIComponent('p%ss/w@rd')
  return address.href
}

/** Asks as one person. */
export class Visitor {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  static async logIn(url: string, email: string, password = PASSWORD): Promise<Visitor> {
    const visitor = new Visitor(url, '')
    const { status, body } = await visitor.post('/api/session', { email, password })
    equal(status, 201, JSON.stringify(body))
    return new Visitor(url, body.token)
  }

  get = (path: string) => this.ask('GET', path)
  post = (path: string, body: object) => this.ask('POST', path, body)
  patch = (path: string, body: object) => this.ask('PATCH', path, body)

  private async ask(method: string, path: string, body?: object) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.token}` }
    const response = await fetch(this.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    const text = await response.text()
    return { status: response.status, body: text ? JSON.parse(text) : null }
  }
}

export async function until(what: string, holds: () => Promise<boolean>, seconds = 15) {
  const end = Date.now() + seconds * 1000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TestRedis {
  url: string
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** A throw-away Redis with a password that has to be encoded in an address. */
export async function startRedis(): Promise<TestRedis> {
  const password = 'p@ss/w:rd'
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'motel-redis-'))
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', password, '--save', '', '--dir', folder]
  let running: ChildProcess | undefined
  const redis: TestRedis = {
    url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    async start() {
      running = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
      for await (const chunk of running.stdout!) if (String(chunk).includes('Ready to accept')) break
    },
    async stop() {
      if (!running) return
      const gone = once(running, 'exit')
      running.kill('SIGKILL')
      running = undefined
      await gone
    },
    async remove() {
      await redis.stop()
      rmSync(folder, { recursive: true })
    },
  }
  await redis.start()
  return redis
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

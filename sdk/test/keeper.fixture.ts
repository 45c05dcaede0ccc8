import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

export interface Said {
  to: string
  key: string
  template: string
}

/** A stand-in of the keeper, which can be away, stand still, or refuse. It takes each key once, as the keeper does. */
export async function standIn(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'inn-s-'))
  const socket = join(folder, 'keeper.sock')
  const taken = new Map<string, Said>()
  const held: Array<() => void> = []
  /** `release`: goes on with what stood still. */
  const state = {
    ...{ still: false, status: 200, asked: [] as string[] },
    release: () => {
      for (const go of held.splice(0)) go()
    },
  }
  let server: Server | null = null

  async function begin(): Promise<void> {
    await rm(socket, { force: true })
    server = createServer(async (asked, answer) => {
      const body = asked.method === 'POST' ? ((await json(asked)) as Said) : null
      if (body !== null) state.asked.push(body.key)
      if (state.still) await new Promise<void>(resolve => held.push(resolve))
      const failure = { code: 'template.variable', what: 'name is missing', why: 'line 3', fix: 'send it' }
      if (state.status !== 200) return answer.writeHead(state.status).end(JSON.stringify({ failure }))
      if (body !== null) taken.set(body.key, taken.get(body.key) ?? body)
      const key = body?.key ?? new URL(asked.url!, 'http://k').searchParams.get('key')!
      if (!taken.has(key))
        return answer.writeHead(404).end(JSON.stringify({ failure: { ...failure, code: 'outbox.unknown' } }))
      return answer.end(JSON.stringify({ id: `m${key}`, key, state: 'waiting' }))
    })
    await once(server.listen(socket), 'listening')
  }

  async function end(): Promise<void> {
    server?.closeAllConnections()
    server?.close()
    server = null
    await rm(socket, { force: true })
  }

  await begin()
  t.after(async () => {
    await end()
    await rm(folder, { recursive: true, force: true })
  })
  return { keeper: { socket, token: 't' }, folder: join(folder, 'kept'), taken, state, begin, end }
}

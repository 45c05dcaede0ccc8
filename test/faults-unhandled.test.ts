import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeServer, type Server } from './kit/server.ts'

let server: Server
before(async () => {
  server = await makeServer()
})
after(() => server?.remove())

/** As soon as the file is there, a promise is rejected that nobody waits for. */
const careless = (file: string) => `
import { existsSync, rmSync } from 'node:fs'
setInterval(() => {
  if (!existsSync(${JSON.stringify(file)})) return
  rmSync(${JSON.stringify(file)})
  Promise.reject(new Error('nobody waited for me'))
}, 50).unref()
`

const reason = () => readFile(join(server.home, 'log/keeper/current'), 'utf8')

async function otherPid(before: number): Promise<number> {
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const now = await server.keeperPid()
    if (now !== null && now !== before) return now
    assert.ok(Date.now() < end, `the keeper goes on as ${before}`)
  }
}

test('a rejection that nobody handles ends the keeper with its reason in the log, and it comes back', async () => {
  const [module, order] = [join(server.home, 'careless.mjs'), join(server.home, 'reject')]
  await writeFile(module, careless(order))
  await appendFile(join(server.home, 'sv/keeper/environment'), `export NODE_OPTIONS=--import=${module}\n`)
  const first = await server.keeperPid()
  await server.killKeeper()
  const second = await otherPid(first)
  await server.status()
  assert.doesNotMatch(await reason(), /nobody waited/)

  await writeFile(order, '')
  await otherPid(second)
  await server.status()
  assert.match(await reason(), /Error: nobody waited for me\n.*\n?.*careless\.mjs/)
  assert.match(await reason(), /the process ended with exit code 1; it is started again/)
})

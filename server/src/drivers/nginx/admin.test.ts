import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { adminAt } from './admin.ts'

/** A socket that hangs up on so many requests, and then answers. */
async function socket(
  t: TestContext,
  hangsUp: number,
): Promise<{ path: string; server: Server; asked(): number }> {
  const folder = await mkdtemp(join(tmpdir(), 'inn-admin-'))
  let asked = 0
  const server = createServer(connection =>
    connection.once('data', () => {
      asked++
      if (asked > hangsUp) connection.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      else connection.destroy()
    }),
  )
  const path = join(folder, 'admin.sock')
  await new Promise<void>(resolve => server.listen(path, resolve))
  t.after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  return { path, server, asked: () => asked }
}

test('an nginx that hangs up is asked once more: the one that comes after it answers', async t => {
  const { path, asked } = await socket(t, 1)
  assert.equal((await adminAt(path).send('PUT', '/table', '{}'))?.body, 'ok')
  assert.equal(asked(), 2)
})

test('an nginx that hangs up and is gone then is none', async t => {
  const { path, server } = await socket(t, 1)
  server.on('connection', connection => connection.on('close', () => server.close()))
  assert.equal(await adminAt(path).send('PUT', '/table', '{}'), null)
})

test('one that hangs up again is told', async t => {
  const { path, asked } = await socket(t, 9)
  await assert.rejects(adminAt(path).send('PUT', '/table', '{}'), { code: 'edge.silent' })
  assert.equal(asked(), 2)
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { createServer as createTls } from 'node:tls'
import { makePostgres } from '../../../test/kit/postgres.ts'
import { exec, execOk } from '../drivers/host/exec.ts'
import { freePartPort } from '../drivers/host/ports.ts'
import { Secret } from '../kernel/secret.ts'
import { askerPast } from './wire-probes.ts'

const asker = askerPast(new Set())
const folder = await mkdtemp(join(tmpdir(), 'inn-probes-'))
after(() => rm(folder, { recursive: true, force: true }))

/** Listens on loopback until the test ends; its port. */
async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    if ('closeAllConnections' in server) (server as ReturnType<typeof createHttp>).closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const url = (port: number, path = '/') => new Secret(`http://127.0.0.1:${port}${path}`)

test('what accepts a connection and never answers costs its time-out, whatever it is asked', async t => {
  const open = new Set<{ destroy(): void }>()
  const port = await listening(
    t,
    createServer(socket => void open.add(socket.on('error', () => {}))),
  )
  t.after(() => {
    for (const socket of open) socket.destroy()
  })
  const asks = {
    http: () => asker.http(url(port), {}, 300),
    postgres: () => asker.postgres(new Secret(`postgresql://a:b@127.0.0.1:${port}/c`), 300),
    redis: () => asker.redis(new Secret(`redis://:b@127.0.0.1:${port}`), 300),
    certificate: () => asker.certificate({ host: '127.0.0.1', port }, 300),
  }
  await Promise.all(
    Object.entries(asks).map(async ([kind, asking]) => {
      const began = performance.now()
      await assert.rejects(asking, /timed out after \d+ ms|no answer within \d+ ms|timeout/, kind)
      assert.ok(performance.now() - began < 3_000, kind)
    }),
  )
  await asker.tcp({ host: '127.0.0.1', port }, 300)
})

test('of a body without an end only its beginning is read', { timeout: 20_000 }, async t => {
  const piece = Buffer.alloc(65_536, 'x')
  let sent = 0
  const closed = Promise.withResolvers<void>()
  const server = createHttp((_, response) => {
    response.on('close', closed.resolve)
    const more = () => {
      while (sent < 100 * 1024 ** 2) {
        sent += piece.length
        if (!response.write(piece)) break
      }
    }
    response.on('drain', more)
    more()
  })
  const port = await listening(t, server)
  const answer = await asker.http(url(port), {}, 10_000)
  assert.equal(answer.status, 200)
  assert.equal(answer.body.length, 256 * 1024)
  await closed.promise
  assert.ok(sent < 20 * 1024 ** 2, `${sent} bytes were sent`)
})

test('a name of its own, a login of the URL, and where a redirect leads', async t => {
  const server = createHttp((request, response) => {
    const { host, authorization = '', 'x-forwarded-proto': proto } = request.headers
    response.writeHead(302, { location: '/login', 'content-type': 'text/plain' })
    response.end(`${proto} ${host} ${Buffer.from(authorization.slice(6), 'base64')}`)
  })
  const port = await listening(t, server)
  const as = { host: 'shop.example', proto: 'https' } as const
  const answer = await asker.http(new Secret(`http://a:p%40ss@localhost:${port}/x`), as, 5_000)
  assert.deepEqual(answer, {
    ...{ status: 302, contentType: 'text/plain', location: '/login' },
    body: 'https shop.example a:p@ss',
  })
})

test('ports that only root may ask are refused, however their address is written', async t => {
  const port = await listening(
    t,
    createHttp((_, response) => response.end('figures of all apps')),
  )
  const past = askerPast(new Set([port]))
  for (const host of [
    '127.0.0.1',
    'localhost',
    '127.1',
    '[::1]',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '2130706433',
  ])
    await assert.rejects(
      past.http(new Secret(`http://${host}:${port}/`), {}, 2_000),
      /for the keeper alone|has no address/,
      host,
    )
  await assert.rejects(past.tcp({ host: '127.0.0.1', port }, 2_000), /for the keeper alone/)
})

test('a Redis is asked with its password, and says why not', async t => {
  const port = await freePartPort()
  const redis = spawn('redis-server', [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--requirepass',
    'p@ss',
  ])
  t.after(() => void redis.kill('SIGKILL'))
  const ask = (login: string) => asker.redis(new Secret(`redis://${login}127.0.0.1:${port}`), 1_000)
  for (const end = Date.now() + 10_000; ; ) {
    const problem = await ask(':p%40ss@').catch((error: Error) => error)
    if (problem === undefined) break
    if (Date.now() > end) throw problem
  }
  await assert.rejects(ask(':wrong@'), /it answered AUTH with -WRONGPASS/)
  await assert.rejects(ask(''), /it answered PING with -NOAUTH/)
})

test('a PostgreSQL is asked as the role of the URL, and says why not', { timeout: 60_000 }, async t => {
  const postgres = await makePostgres()
  t.after(() => postgres.remove())
  await asker.postgres(new Secret(postgres.url('postgres', 'postgres')), 5_000)
  await assert.rejects(
    asker.postgres(new Secret(postgres.url('postgres', 'gone')), 5_000),
    /"gone" does not exist/,
  )
  await postgres.stop()
  await assert.rejects(
    asker.postgres(new Secret(postgres.url('postgres', 'postgres')), 5_000),
    /ECONNREFUSED/,
  )
  await assert.rejects(asker.postgres(new Secret('postgresql:///x?host=/run'), 5_000), /names no host/)
})

test('a certificate says how long it lasts, and why it is not trusted', async t => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const argv = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const more = ['-days', '20', '-subj', '/CN=shop.example', '-keyout', key, '-out', cert]
  await execOk({ argv: [...argv, ...more], timeoutMs: 20_000 }, 'openssl')
  const { readFile } = await import('node:fs/promises')
  const server = createTls({ key: await readFile(key), cert: await readFile(cert) })
  const port = await listening(t, server)
  const shown = await asker.certificate({ host: '127.0.0.1', port }, 5_000)
  assert.equal(Math.round((shown.notAfter - Date.now()) / 86_400_000), 20)
  assert.match(shown.problem!, /self.signed/i)
  const plain = await listening(
    t,
    createServer(socket => socket.end('220 mail\r\n')),
  )
  await assert.rejects(asker.certificate({ host: '127.0.0.1', port: plain }, 5_000))
})

test('a DNS server that does not answer costs the time-out, and keeps nobody from reading files', async t => {
  // In a mount namespace whose resolver is an address of loopback where nothing is said.
  const { createSocket } = await import('node:dgram')
  const silent = createSocket('udp4')
  silent.bind(53, '127.0.0.77')
  await once(silent, 'listening')
  t.after(() => void silent.close())
  const conf = join(folder, 'resolv.conf')
  await writeFile(conf, 'nameserver 127.0.0.77\n')
  const program = `
    import { readFile } from 'node:fs/promises'
    const { askerPast } = await import(${JSON.stringify(import.meta.resolve('./wire-probes.ts'))})
    const asker = askerPast(new Set())
    const began = performance.now()
    const asked = [1, 2, 3, 4, 5].map(n => asker.tcp({ host: 'x' + n + '.example', port: 1 }, 1500).catch(e => e.message))
    await new Promise(resolve => setTimeout(resolve, 300))
    const read = performance.now()
    await readFile('/etc/hostname')
    const files = performance.now() - read
    console.log(JSON.stringify({ said: await Promise.all(asked), ms: performance.now() - began, files }))`
  const node = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    program,
  ]
  const inside = ['sh', '-c', 'mount --bind "$1" /etc/resolv.conf; shift; exec "$@"', 'sh', conf, ...node]
  const { stdout, tail } = await exec({ argv: ['unshare', '-m', ...inside], timeoutMs: 30_000 })
  const seen = JSON.parse(stdout || JSON.stringify({ tail })) as { said: string[]; ms: number; files: number }
  assert.ok(
    seen.said?.every(text => /no answer of the DNS for x\d.example within 1500 ms/.test(text)),
    tail,
  )
  assert.ok(seen.ms < 8_000 && seen.files < 500, JSON.stringify(seen))
})

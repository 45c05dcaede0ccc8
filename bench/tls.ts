/**
 * What TLS costs at the edge, against an nginx by hand with the same TLS settings, headers and compression, in alternating
 * rounds: new handshakes a second (by `openssl s_time`), requests a second by HTTP/1.1 and HTTP/2 (by `h2load`, of
 * Debian's nghttp2-client). `node bench/tls.ts sites 500`: memory and the time of a reload with so many sites.
 */

import type { ChildProcess } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { headersBy } from '../server/src/config/answers.ts'
import { BLOCKED } from '../server/src/config/guard.ts'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { selfMade, shake } from '../server/src/drivers/nginx/certificates.fixture.ts'
import { edgeCommand, nginxEdge } from '../server/src/drivers/nginx/nginx.ts'
import { NOBODYS, SETTINGS } from '../server/src/drivers/nginx/tls.ts'
import type { Site, SiteCertificate } from '../server/src/reach/edge/edge.ts'
import { median, proportionalMb } from './kit.ts'
import { amidst } from './processes.ts'
import { comparison } from './ratio.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 9)
const SECONDS = Number(process.env['SECONDS'] ?? 2)
const PORTS = { hand: 18_380, edge: 18_382 }
type Name = keyof typeof PORTS
const NAMES = Object.keys(PORTS) as Name[]
const APP = 18_391
/** s_time and some clients say no name: they get the certificate of the address. */
const ADDRESS = '127.0.0.1'

const guard = {
  ...{ trusted: [], allow: [], deny: [], blocked: BLOCKED, limits: [], redirects: {}, pages: {} },
  headers: headersBy({}),
}

const handServer = (folder: string, names: string): string => `
  server {
    listen 127.0.0.1:${PORTS.hand} ssl http2;
    server_name ${names};
    ssl_certificate ${folder}/chain; ssl_certificate_key ${folder}/key;
    location / { proxy_pass http://app; }
  }`

const handConf = (folder: string, names: readonly string[]): string => `
daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes auto;
events { worker_connections 8192; }
http {
  access_log off; sendfile on; tcp_nodelay on; server_tokens off; server_names_hash_bucket_size 512;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
${SETTINGS.replace(NOBODYS.certificate, `${folder}/chain`).replace(NOBODYS.key, `${folder}/key`)}
  gzip on; gzip_proxied any; gzip_vary on; gzip_min_length 1024; gzip_types text/plain text/css application/json;
  map $http_upgrade $connection_upgrade { '' ''; default upgrade; }
  upstream app { server 127.0.0.1:${APP}; keepalive 64; }
  proxy_http_version 1.1; proxy_buffering off; proxy_buffer_size 32k; proxy_buffers 8 8k; proxy_busy_buffers_size 32k;
  proxy_set_header Host $http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Request-Id $request_id;
  ${guard.headers.map(({ name, value }) => `add_header ${name} "${value}" always;`).join('\n  ')}
  add_header Strict-Transport-Security "max-age=15768000" always;
  ${names.map(name => handServer(folder, name)).join('')}
}
`

async function handArgv(home: string, names: readonly string[], own: SiteCertificate): Promise<string[]> {
  const folder = join(home, 'hand')
  await mkdir(folder)
  await writeFile(join(folder, 'chain'), own.chain)
  await writeFile(join(folder, 'key'), own.key, { mode: 0o600 })
  await writeFile(join(folder, 'nginx.conf'), handConf(folder, names))
  return ['/usr/sbin/nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']
}

async function edgeArgv(home: string, names: readonly string[], own: SiteCertificate): Promise<string[]> {
  const edge = nginxEdge({ home, https: { address: '127.0.0.1', port: PORTS.edge } })
  await edge.prepare()
  const site = (name: string, n: number): Site => ({
    ...{ id: `site-${n}`, port: PORTS.edge + 100 + n, domains: [name] },
    ...{ maxBodyBytes: 1e6, timeoutMs: 60_000 },
  })
  const sites = names.map(site)
  await edge.configure(() => sites)
  const peers = [`127.0.0.1:${APP}`]
  const web = { kind: 'proxy', colour: 'blue', release: 'r1', peers, fallback: [], hold: false } as const
  for (const { id, domains } of sites) {
    await edge.route(id, { routes: [{ prefix: '/', service: 'web' }], services: { web }, guard })
    await edge.certify(id, { ...own, names: domains, hstsFrom: 1 })
  }
  // What the launcher of an instance does once the app listens.
  await writeFile(join(home, 'edge/gates', String(APP)), '')
  return edgeCommand(home)
}

interface Figure {
  figure: number
  failed: number
}

/** Handshakes a second, of four clients that make one after the other. */
async function handshakes(port: number): Promise<Figure> {
  const argv = ['openssl', 's_time', '-new', '-connect', `${ADDRESS}:${port}`, '-time', String(SECONDS)]
  const all = await Promise.all(
    Array.from({ length: 4 }, () => execOk({ argv, timeoutMs: 60_000 }, 'openssl')),
  )
  const counts = all.map(({ stdout }) => Number(/(\d+) connections in \d+ real/.exec(stdout)?.[1] ?? 0))
  return {
    figure: counts.reduce((sum, n) => sum + n, 0) / SECONDS,
    failed: counts.filter(n => n === 0).length,
  }
}

const h2load =
  (more: readonly string[]) =>
  async (port: number): Promise<Figure> => {
    // nginx ends a connection at its thousandth request, and h2load counts what crosses that as failed: so it makes fewer.
    const argv = ['h2load', '-n24000', '-c32', '-t1', ...more, `https://${ADDRESS}:${port}/`]
    const { stdout } = await execOk({ argv, timeoutMs: 60_000 }, 'h2load')
    const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0)
    const wrong = [/(\d+) failed/, /(\d+) errored/, /(\d+) timeout/, /(\d+) 4xx/, /(\d+) 5xx/].map(number)
    return { figure: number(/([\d.]+) req\/s/), failed: wrong.reduce((sum, n) => sum + n, 0) }
  }

const KINDS = { handshakes, 'HTTP/1.1': h2load(['--h1']), 'HTTP/2': h2load(['-m4']) }

async function compare(kind: keyof typeof KINDS) {
  const rounds: Record<Name, Figure[]> = { hand: [], edge: [] }
  for (let n = 0; n < ROUNDS; n++) {
    // Who goes first changes, so that none always meets the same machine.
    for (let i = 0; i < NAMES.length; i++) {
      const name = NAMES[(i + n) % NAMES.length]!
      rounds[name].push(await KINDS[kind](PORTS[name]))
    }
  }
  const side = (name: Name) => ({
    figures: rounds[name].map(({ figure }) => figure),
    failed: rounds[name].reduce((sum, { failed }) => sum + failed, 0),
  })
  const both = { edge: side('edge'), hand: side('hand') }
  return {
    edge: Math.round(median(both.edge.figures)),
    byHand: Math.round(median(both.hand.figures)),
    ratio: comparison(both, () => median(both.edge.figures.map((one, n) => one / both.hand.figures[n]!))),
  }
}

const childrenOf = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number)

/** Memory of all processes, and how long a reload takes until workers of it are there. */
async function weigh({ pid }: ChildProcess) {
  const before = new Set(await childrenOf(pid!))
  const each = await Promise.all([pid!, ...before].map(proportionalMb))
  const began = performance.now()
  process.kill(pid!, 'SIGHUP')
  while (!(await childrenOf(pid!)).some(child => !before.has(child))) await wait(2)
  const reloadMs = performance.now() - began
  while ((await childrenOf(pid!)).some(child => before.has(child))) await wait(20)
  return { mb: each.reduce((sum, mb) => sum + mb, 0), reloadMs }
}

async function weighBoth(nginx: Record<Name, ChildProcess>) {
  const rounds: Array<Record<Name, Awaited<ReturnType<typeof weigh>>>> = []
  for (let n = 0; n < ROUNDS; n++)
    rounds.push({ edge: await weigh(nginx.edge), hand: await weigh(nginx.hand) })
  const of = (name: Name) => ({
    mb: Number(median(rounds.map(round => round[name].mb)).toFixed(1)),
    reloadMs: Math.round(median(rounds.map(round => round[name].reloadMs))),
  })
  return { edge: of('edge'), byHand: of('hand') }
}

async function shows(port: number, ca: string): Promise<void> {
  const ask = () =>
    shake(port, '', ca, { checkServerIdentity: () => undefined }).then(
      socket => socket.destroy() !== null,
      () => false,
    )
  for (let tries = 0; !(await ask()); tries++) {
    if (tries > 400) throw new Error(`nothing answers by TLS at port ${port}`)
    await wait(50)
  }
}

async function measure(count: number, nginx: Record<Name, ChildProcess>) {
  if (count > 1) return { sites: count, ...(await weighBoth(nginx)) }
  return {
    handshakes: await compare('handshakes'),
    'HTTP/1.1': await compare('HTTP/1.1'),
    'HTTP/2': await compare('HTTP/2'),
  }
}

async function main(count: number): Promise<void> {
  const names = [ADDRESS, ...Array.from({ length: count - 1 }, (_, n) => `site-${n}.example`)]
  await amidst('bench-tls-', async (home, start) => {
    const own = await selfMade([ADDRESS, 'shop.example'])
    start([process.execPath, import.meta.filename, 'app'])
    const nginx = {
      hand: start(await handArgv(home, names, own)),
      edge: start(await edgeArgv(home, names, own)),
    }
    for (const name of NAMES) await shows(PORTS[name], own.chain)
    const result = await measure(count, nginx)
    const load = loadavg()[0]!.toFixed(1)
    console.log(JSON.stringify({ rounds: ROUNDS, seconds: SECONDS, load, ...result }))
    console.table(result)
  })
}

if (process.argv[2] === 'app')
  createServer((_request, response) => response.end('x'.repeat(200))).listen(APP, '127.0.0.1')
else await main(process.argv[2] === 'sites' ? Number(process.argv[3] ?? 500) : 1)

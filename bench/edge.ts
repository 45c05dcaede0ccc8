/** What the edge costs: our nginx with Lua against one written by hand, same apps, alternating rounds. Needs `wrk`. */
import type { ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { request } from '../server/src/drivers/host/http.ts'
import { edgeCommand, nginxEdge } from '../server/src/drivers/nginx/nginx.ts'
import { opening } from '../server/src/reach/edge/edge.ts'
import { median } from './kit.ts'
import { amidst } from './processes.ts'
import { comparison } from './ratio.ts'
import { inRounds, round } from './wrk.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 15)
const SECONDS = Number(process.env['SECONDS'] ?? 2)
/** `bare`: what tutorials show. `full`: the headers, ids and sockets of our edge, but fixed peers and no Lua. */
const PORTS = { bare: 18_080, full: 18_081, edge: 18_082 }
type Name = keyof typeof PORTS
const NAMES = Object.keys(PORTS) as Name[]
const APPS = [18_091, 18_092]
const PEERS = APPS.map(port => `127.0.0.1:${port}`)

const BARE = `
  proxy_set_header Connection '';
  proxy_set_header Host $http_host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;`

const FULL = `
  gzip on; gzip_proxied any; gzip_types text/css application/json;
  proxy_buffering off; proxy_buffer_size 16k; proxy_busy_buffers_size 16k;
  proxy_set_header Host $http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Request-Id $request_id;`

const handConf = (folder: string, port: number, settings: string): string => `
daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes auto;
events { worker_connections 8192; }
http {
  access_log off; sendfile on; tcp_nodelay on;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { '' ''; default upgrade; }
  upstream app { ${PEERS.map(peer => `server ${peer};`).join(' ')} keepalive 64; }
  proxy_http_version 1.1;${settings}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://app; }
  }
}
`

/** The app: 200 bytes for every request. */
function serve(port: number): void {
  const body = 'x'.repeat(200)
  createServer((_request, response) => response.end(body)).listen(port, '127.0.0.1')
}

async function handArgv(home: string, name: 'bare' | 'full'): Promise<string[]> {
  const folder = join(home, name)
  const path = join(folder, 'nginx.conf')
  await mkdir(folder)
  await writeFile(path, handConf(folder, PORTS[name], name === 'bare' ? BARE : FULL))
  return ['/usr/sbin/nginx', '-p', folder, '-c', path, '-e', 'stderr']
}

async function edgeArgv(home: string): Promise<string[]> {
  const edge = nginxEdge({ home })
  await edge.prepare()
  await edge.configure(
    opening({ id: 'bench', port: PORTS.edge, domains: [], maxBodyBytes: 1e6, timeoutMs: 60_000 }),
  )
  await edge.route('bench', {
    routes: [{ prefix: '/', service: 'web' }],
    services: {
      web: { kind: 'proxy', colour: 'blue', release: 'r1', peers: PEERS, fallback: [], hold: false },
    },
  })
  // What the launcher of an instance does once the app listens.
  for (const peer of PEERS) await writeFile(join(home, 'edge/gates', peer.split(':')[1]!), '')
  return edgeCommand(home)
}

async function measure(nginx: Record<Name, ChildProcess>) {
  const rounds = await inRounds(NAMES, ROUNDS, name => round(PORTS[name], nginx[name], SECONDS))
  const side = (name: Name) => ({
    figures: rounds[name].map(one => one.perSecond),
    failed: rounds[name].reduce((sum, one) => sum + one.failed, 0),
  })
  const ratio = (other: Name) =>
    comparison({ edge: side('edge'), [other]: side(other) }, () =>
      median(rounds.edge.map((one, n) => one.perSecond / rounds[other][n]!.perSecond)),
    )
  const summary = (name: Name) => ({
    perSecond: Math.round(median(rounds[name].map(one => one.perSecond))),
    p99Ms: median(rounds[name].map(one => one.p99Ms)),
    cpuMicros: Number(median(rounds[name].map(one => one.cpu)).toFixed(1)),
    failed: side(name).failed,
    edgeAgainstIt: ratio(name),
  })
  return { bare: summary('bare'), full: summary('full'), edge: summary('edge') }
}

async function answers(port: number): Promise<void> {
  const ask = () => request({ host: '127.0.0.1', port, path: '/', timeoutMs: 1000 }).catch(() => null)
  while ((await ask())?.status !== 200) await wait(50)
}

async function main(): Promise<void> {
  await amidst('bench-edge-', async (home, start) => {
    for (const port of APPS) start([process.execPath, import.meta.filename, 'app', String(port)])
    // A worker of nginx that is asked before they listen takes both for dead for ten seconds, and answers 502 at once.
    for (const port of APPS) await answers(port)
    const nginx = {
      bare: start(await handArgv(home, 'bare')),
      full: start(await handArgv(home, 'full')),
      edge: start(await edgeArgv(home)),
    }
    for (const name of NAMES) await answers(PORTS[name])
    const result = await measure(nginx)
    console.log(JSON.stringify({ rounds: ROUNDS, seconds: SECONDS, ...result }))
    console.table(result)
  })
}

if (process.argv[2] === 'app') serve(Number(process.argv[3]))
else await main()

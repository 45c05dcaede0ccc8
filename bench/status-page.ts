/** What a status page costs: as the edge serves it against the same files from an nginx written by hand, alternating rounds. Needs `wrk`. */
import type { ChildProcess } from 'node:child_process'
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { request } from '../server/src/drivers/host/http.ts'
import { edgeCommand, nginxEdge } from '../server/src/drivers/nginx/nginx.ts'
import { statusPages } from '../server/src/drivers/nginx/status-files.ts'
import { opening } from '../server/src/reach/edge/edge.ts'
import { htmlOf } from '../server/src/watch/status-page/html.ts'
import { NOTHING } from '../server/src/watch/status-page/rule-days.ts'
import { pageOf } from '../server/src/watch/status-page/view.ts'
import { median } from './kit.ts'
import { amidst } from './processes.ts'
import { comparison } from './ratio.ts'
import { inRounds, round } from './wrk.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 15)
const SECONDS = Number(process.env['SECONDS'] ?? 2)
const PORTS = { hand: 18_080, page: 18_081 }
/** Of the site itself, which nobody asks here. */
const SITE = 18_082
type Name = keyof typeof PORTS
const NAMES = Object.keys(PORTS) as Name[]

/** A page as one has it that was measured for 90 days: five components. */
const PAGE = htmlOf(
  pageOf({
    ...{ title: 'Hotel', now: Date.now(), incidents: [], windows: [] },
    components: ['Booking', 'Website', 'Search', 'Mail', 'Partners'].map(name => ({
      ...{ name, state: 'operational' },
      of: () => ({ ...NOTHING, known: 86_400_000 }),
    })),
  }),
  { mails: true },
)

/** The same headers, and compressed forms beside the files, as our edge has it. */
const handConf = (folder: string, root: string): string => `
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes auto;
${process.getuid!() === 0 ? 'user www-data;' : ''}
events { worker_connections 8192; }
http {
  access_log off; sendfile on; tcp_nodelay on; server_tokens off;
  types { text/html html; text/xml xml; application/json json; }
  gzip on; gzip_static on; brotli_static on; gzip_vary on;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${PORTS.hand};
    root ${root};
    location / {
      add_header Cache-Control "public, max-age=10, stale-if-error=86400";
      add_header Content-Security-Policy "frame-ancestors 'none'";
      add_header X-Content-Type-Options nosniff;
      add_header Referrer-Policy no-referrer;
    }
  }
}
`

async function handArgv(home: string): Promise<string[]> {
  const folder = join(home, 'hand')
  await mkdir(join(folder, 'root'), { recursive: true })
  await chmod(folder, 0o755)
  await cp(join(home, 'edge/status/bench/current/'), join(folder, 'root'), { recursive: true })
  const path = join(folder, 'nginx.conf')
  await writeFile(path, handConf(folder, join(folder, 'root')))
  return ['/usr/sbin/nginx', '-p', folder, '-c', path, '-e', 'stderr']
}

async function edgeArgv(home: string): Promise<string[]> {
  // The page is the only one that a request without a name of its own can be for: `wrk` names the address.
  const edge = nginxEdge({ home, http: { address: '127.0.0.1', port: PORTS.page } })
  await edge.prepare()
  const site = { id: 'bench', port: SITE, domains: [], maxBodyBytes: 1e6, timeoutMs: 60_000 }
  await edge.configure(opening({ ...site, status: { domain: '127.0.0.1', mails: true } }))
  await statusPages(home).publish('bench', { 'index.html': PAGE, 'feed.xml': '<rss/>', 'status.json': '{}' })
  return edgeCommand(home)
}

async function answers(port: number): Promise<void> {
  const ask = () => request({ host: '127.0.0.1', port, path: '/', timeoutMs: 1000 }).catch(() => null)
  for (let tries = 0; tries < 200; tries++) {
    if ((await ask())?.body === PAGE) return
    await wait(50)
  }
  throw new Error(`port ${port} does not answer with the page`)
}

async function measure(nginx: Record<Name, ChildProcess>) {
  const rounds = await inRounds(NAMES, ROUNDS, name => round(PORTS[name], nginx[name], SECONDS))
  const side = (name: Name) => ({
    figures: rounds[name].map(one => one.perSecond),
    failed: rounds[name].reduce((sum, one) => sum + one.failed, 0),
  })
  const summary = (name: Name) => ({
    perSecond: Math.round(median(rounds[name].map(one => one.perSecond))),
    p99Ms: median(rounds[name].map(one => one.p99Ms)),
    cpuMicros: Number(median(rounds[name].map(one => one.cpu)).toFixed(1)),
    failed: side(name).failed,
  })
  const ratio = comparison({ page: side('page'), hand: side('hand') }, () =>
    median(rounds.page.map((one, n) => one.perSecond / rounds.hand[n]!.perSecond)),
  )
  return { bytes: PAGE.length, ratio, page: summary('page'), hand: summary('hand') }
}

async function main(): Promise<void> {
  await amidst('bench-status-', async (home, start) => {
    const page = start(await edgeArgv(home))
    const nginx = { page, hand: start(await handArgv(home)) }
    for (const name of NAMES) await answers(PORTS[name])
    console.log(JSON.stringify({ rounds: ROUNDS, seconds: SECONDS, ...(await measure(nginx)) }))
  })
}

await main()

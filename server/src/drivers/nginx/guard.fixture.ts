import { connect } from 'node:net'
import { systemClock } from '../../kernel/clock.ts'
import type { Guard } from '../../reach/edge/guard.ts'
import { type App, freePort, only, proxy, type Running, startApp, startEdge } from './nginx.fixture.ts'
import type { NginxOptions } from './nginx.ts'

/** Nobody is there whom a reload would have to be announced to. */
export const HURRIED = { ...systemClock, sleep: (ms: number) => systemClock.sleep(Math.min(ms, 250)) }

export interface Asked {
  port: number
  path?: string
  /** Lines of headers besides Host; two of one name may be told. */
  headers?: readonly string[]
  method?: string
  /** By which name. */
  host?: string
  /** What comes before the request: a line of the PROXY protocol. */
  first?: string
}

export interface Answered {
  status: number
  /** By names in small letters. */
  headers: Record<string, string>
  body: string
}

/** Asks from an address of loopback, as another machine would, with the path as it stands. */
export function askFrom(
  localAddress: string,
  { port, path = '/', headers = [], method = 'GET', host = 'shop.example', first = '' }: Asked,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.setTimeout(5_000, () => socket.destroy(new Error('waited 5 s')))
    socket.on('error', reject)
    socket.setEncoding('latin1').on('data', chunk => {
      text += chunk
    })
    socket.on('end', () => resolve(parsed(text)))
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...headers, 'Connection: close']
    socket.write(`${first}${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  })
}

function parsed(text: string): Answered {
  const [head = '', ...body] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map(line => {
    const at = line.indexOf(':')
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const
  })
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: body.join('\r\n\r\n'),
  }
}

export interface Guarded {
  running: Running
  app: App
  /** The public port. */
  port: number
  /** Asks at the public port from this address. */
  ask(from: string, more?: Partial<Asked>): Promise<Answered>
  /** The headers that reach the app. */
  reach(from: string, headers: readonly string[], more?: Partial<Asked>): Promise<Record<string, string>>
  guard(rules: Partial<Guard>): Promise<void>
  stop(): Promise<void>
}

export const NO_RULES: Guard = {
  trusted: [],
  allow: [],
  deny: [],
  blocked: [],
  limits: [],
  headers: [],
  redirects: {},
  pages: {},
}

/** A real nginx with the site `shop` at a public port, and an app behind it. */
export async function startGuarded(options: Partial<NginxOptions> = {}): Promise<Guarded> {
  const port = await freePort()
  const [running, app] = await Promise.all([
    startEdge({ http: { address: '127.0.0.1', port }, ...options }),
    startApp('blue'),
  ])
  await running.edge.configure(() => [{ ...running.site, domains: ['shop.example'] }])
  const ask: Guarded['ask'] = (from, more) => askFrom(from, { port, ...more })
  return {
    running,
    app,
    port,
    ask,
    async reach(from, headers, more) {
      const { body } = await ask(from, { path: '/headers', headers, ...more })
      return JSON.parse(body.match(/\{.*\}/)![0]) as Record<string, string>
    },
    guard: rules =>
      running.edge.route('shop', { ...only(proxy('r1', [app])), guard: { ...NO_RULES, ...rules } }),
    async stop() {
      await Promise.all([running.stop(), app.kill()])
    },
  }
}

/** Which test asks for which row of the table. */
export const CHECKED_BY_GUARD: Record<string, [file: string, title: string]> = {
  'the same, at the public port, from an address among `trustedProxies`': [
    'visitor.test.ts',
    'the app hears what they say of their visitors, and of everybody else what the edge saw',
  ],
  'a visitor whom `deny` names, or `allow` does not': [
    'guard.test.ts',
    'deny keeps out whom it names, allow everybody else, and deny wins',
  ],
  '`X-Content-Type-Options`, `X-Frame-Options`, `Referrer-Policy`, and what `headers` names': [
    'answers.test.ts',
    'are added where the app sends none, and what it sends itself stands alone',
  ],
  '`Access-Control-Allow-Origin`, with `cors`': [
    'answers.test.ts',
    'a browser that asks beforehand is answered by the edge, for them alone',
  ],
  'a visitor of a site that is closed for maintenance': [
    'closed.test.ts',
    'answers 503 with its text and when to come back, to people and to programs',
  ],
  'a name that `redirects` has': [
    'pages.test.ts',
    'send their visitors to the other name with path and query, and the other name answers',
  ],
  '502, 503 and 504 of the edge, with `errorPages`': [
    'pages.test.ts',
    'stand in for those of the edge when it answers for the app, also while it is stopped',
  ],
  'a visitor without the name and password of `basicAuth`': [
    'logins.test.ts',
    'lets in who has it, and tells everybody else on a page that one is needed',
  ],
  'more requests of one visitor than `rateLimit` says': [
    'limits.test.ts',
    'the answer says when to come again, on a page or as JSON, and the request never reaches the app',
  ],
  'the head of a request, or a handshake, that comes in drops': [
    'slow.test.ts',
    'is ended while its head is not there, however many drops come',
  ],
  'a pause within the body of a request, or of a visitor who does not take an answer': [
    'slow.test.ts',
    'is ended when its body stops',
  ],
  'requests of one visitor under way at once, at the public ports, of all apps': [
    'slow.test.ts',
    'has so many requests under way and no more, and keeps nobody else out',
  ],
  'a path that `blocked` has, however it is written': [
    'guard.test.ts',
    'are found however they are written, because an app may read the path in another way',
  ],
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeTree } from '../host/files.ts'
import { freePartPort } from '../host/ports.ts'
import { selfMade } from '../nginx/certificates.fixture.ts'

export interface Pebble {
  /** The address of its directory. */
  directory: string
  /** PEM of the root of its own listener, and a file with it. */
  root: string
  rootFile: string
  /** `127.0.0.1:PORT` of a DNS server that says 127.0.0.1 for every name, until it is told otherwise. */
  dns: string
  /** The address at which that DNS server is told. */
  management: string
  /** Tells the DNS server: `say('add-aaaa', { host, addresses })`. */
  say(what: string, body: object): Promise<void>
  /** PEM of the root of what it issues: another one after each start. */
  issuer(): Promise<string>
  start(): Promise<void>
  stop(): Promise<void>
  /** Stops both and removes their files. */
  remove(): Promise<void>
}

interface Wanted {
  /** Where it asks for proofs. */
  httpPort: number
  /** Seconds that it takes at most to look at a proof. */
  slow?: number
  /** How long what it issues is valid. */
  seconds?: number
  /** kid → HMAC key of its customers; it then issues to nobody else. */
  customers?: Record<string, string>
}

/** Let's Encrypt's small authority for tests, in strict mode, with a DNS server of its own. A tenth of all nonces is refused: more, and now and then five in a row are, which is where the library gives up. */
export async function startPebble({ httpPort, seconds, slow, customers }: Wanted): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'pebble-'))
  const own = await selfMade(['localhost'])
  const [acme, management, dns, told] = [await port(), await port(), await port(), await port()]
  const file = (name: string) => join(folder, name)
  await writeFile(file('root.pem'), own.chain, { mode: 0o600 })
  await writeFile(file('key.pem'), own.key, { mode: 0o600 })
  const pebble = {
    listenAddress: `127.0.0.1:${acme}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: file('root.pem'),
    privateKey: file('key.pem'),
    ...{ httpPort, tlsPort: 1, ocspResponderURL: '' },
    externalAccountBindingRequired: customers !== undefined,
    externalAccountMACKeys: customers ?? {},
    ...(seconds === undefined ? {} : { certificateValidityPeriod: seconds }),
  }
  await writeFile(file('config.json'), JSON.stringify({ pebble }))
  const none = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', '']
  const names = run('pebble-challtestsrv', [
    '-dns01',
    `127.0.0.1:${dns}`,
    '-management',
    `127.0.0.1:${told}`,
    ...none,
  ])
  let child: ChildProcess | null = null
  const made: Pebble = {
    directory: `https://localhost:${acme}/dir`,
    root: own.chain,
    rootFile: file('root.pem'),
    dns: `127.0.0.1:${dns}`,
    management: `http://127.0.0.1:${told}`,
    async say(what, body) {
      const { ok } = await fetch(`http://127.0.0.1:${told}/${what}`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
      if (!ok) throw new Error(`the DNS server does not know ${what}`)
    },
    issuer: () => read(`https://localhost:${management}/roots/0`, own.chain),
    async start() {
      child = run(
        'pebble',
        ['-strict', '-config', file('config.json'), '-dnsserver', `127.0.0.1:${dns}`],
        slow,
      )
      await answering(() => read(made.directory, own.chain))
    },
    stop: async () => void (child === null || (await end(child))),
    async remove() {
      await Promise.all([made.stop(), end(names)])
      await removeTree(folder)
    },
  }
  await Promise.all([made.start(), answering(() => made.say('clear-a', { host: 'none.test' }))])
  return made
}

const port = () => freePartPort()

function run(program: string, args: string[], slow?: number): ChildProcess {
  const pace = slow === undefined ? { PEBBLE_VA_NOSLEEP: '1' } : { PEBBLE_VA_SLEEPTIME: String(slow) }
  const env = { ...process.env, ...pace, PEBBLE_WFE_NONCEREJECT: '10' }
  return spawn(program, args, { env, stdio: process.env['PEBBLE_LOG'] ? 'inherit' : 'ignore' })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

const read = (url: string, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, answer => {
      void Array.fromAsync(answer.setEncoding('utf8')).then(parts => resolve(parts.join('')), reject)
    }).on('error', reject)
  })

async function answering(ask: () => Promise<unknown>): Promise<void> {
  for (const stop = Date.now() + 10_000; ; await sleep(50)) {
    try {
      return void (await ask())
    } catch (error) {
      if (Date.now() > stop) throw error
    }
  }
}

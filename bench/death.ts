/**
 * node bench/death.ts [rounds] [ways]: from the death of a service to the message that leaves, with defaults. `ends`: it is killed
 * and ends again whenever it is started; `hangs`: it is frozen. Beside it monit of Debian watches the same app, where it is
 * installed: asked each 120 s, as its package has it, and each 10 s. Needs root.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { type Bench, makeBench, median, sleep } from './kit.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
const WAYS = (process.argv[3]?.split(',') ?? ['ends', 'hangs']) as Array<'ends' | 'hangs'>
const LONGEST_MS = 300_000
const MONIT = '/usr/bin/monit'
const YAML = `name: bench
services:
  api:
    start: node server.cjs
    persist: [state]
    health: { path: /health }
watch: 0
`
const SOURCE = `
const { existsSync, writeFileSync } = require('node:fs')
if (existsSync('state/dead')) process.exit(1)
require('node:http').createServer((request, response) => {
  if (request.url === '/die') { writeFileSync('state/dead', ''); process.exit(1) }
  response.end('ok')
}).listen(process.env.PORT, '127.0.0.1')
`

/** Who told what, and when. */
const told: Array<{ who: string; text: string; at: number }> = []
const note = (who: string, text: string) => told.push({ who, text, at: performance.now() })

const hook = createServer(async (request, answer) => {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  note('inn', String((JSON.parse(text) as { title: string }).title))
  answer.end()
})
await once(hook.listen(0, '127.0.0.1'), 'listening')
const mail = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, { envelope }, done) {
    let text = ''
    stream.on('data', chunk => {
      text += String(chunk)
    })
    stream.on('end', () => {
      const { address } = envelope.rcptTo[0]!
      note(address.split('@')[0]!, /^Subject: (.*)$/m.exec(text)?.[1] ?? '')
      done()
    })
  },
})
await once(mail.listen(0, '127.0.0.1'), 'listening')
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port

async function monit(bench: Bench, seconds: number, url: string): Promise<ChildProcess> {
  const folder = join(bench.home, `monit-${seconds}`)
  await mkdir(folder)
  const conf = join(folder, 'monitrc')
  const { port } = new URL(url)
  await writeFile(
    conf,
    `set daemon ${seconds}
set idfile ${folder}/id
set statefile ${folder}/state
set pidfile ${folder}/pid
set mailserver 127.0.0.1 port ${portOf(mail.server)}
set alert monit-${seconds}@example.com
check host bench with address 127.0.0.1
  if failed port ${port} protocol http request "/" then alert
`,
  )
  await chmod(conf, 0o600)
  return spawn(MONIT, ['-I', '-c', conf], { stdio: 'ignore' })
}

const instance = async (bench: Bench) => (await bench.status()).apps[0]?.services[0]?.instances[0]
async function until(what: string, good: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + LONGEST_MS; !(await good()); await sleep(50))
    if (performance.now() > end) throw new Error(`never: ${what}`)
}

async function round(bench: Bench, { way, url, who }: { way: 'ends' | 'hangs'; url: string; who: string[] }) {
  const dead = join(bench.home, 'apps/bench/shared/state/dead')
  const { pid } = (await instance(bench))!
  told.length = 0
  const began = performance.now()
  if (way === 'hangs') process.kill(pid!, 'SIGSTOP')
  else await fetch(`${url}/die`).catch(() => {})
  const first = (name: string) => told.find(one => one.who === name)
  await until('told', () => who.every(name => first(name) !== undefined))
  const seconds = Object.fromEntries(who.map(name => [name, (first(name)!.at - began) / 1_000]))
  told.length = 0
  await rm(dead, { force: true })
  if (way === 'hangs') process.kill(pid!, 'SIGKILL')
  await until('serving', async () => (await instance(bench))?.state === 'ready')
  // The next round begins when everybody knows that this one is over.
  await until('over', () => who.every(name => first(name) !== undefined))
  return seconds
}

const bench = await makeBench({ INNKEEPER_METRICS: undefined })
const monits: ChildProcess[] = []
try {
  const source = join(bench.home, 'source')
  await rm(source, { recursive: true })
  await mkdir(source)
  await writeFile(join(source, 'innkeeper.yaml'), YAML)
  await writeFile(join(source, 'server.cjs'), SOURCE)
  await bench.inn(['deploy'])
  const secret = join(bench.home, 'hook.env')
  await writeFile(secret, 'WEBHOOK_SECRET=x\n')
  await bench.inn([
    'notify',
    'add',
    'hook',
    '--webhook',
    `http://127.0.0.1:${portOf(hook)}`,
    '--env-file',
    secret,
  ])
  const url = (await bench.status()).apps[0]!.url!
  const peers = existsSync(MONIT) ? [10, 120] : []
  for (const seconds of peers) monits.push(await monit(bench, seconds, url))
  await sleep(15_000)
  for (const way of WAYS) {
    const took: Array<Record<string, number>> = []
    for (let n = 0; n < ROUNDS; n++) {
      // The slow peer takes part in the first round alone: it takes minutes. What hangs is replaced before either has asked.
      const asked = way === 'hangs' ? [] : peers.slice(0, n === 0 ? 2 : 1)
      const who = ['inn', ...asked.map(seconds => `monit-${seconds}`)]
      took.push(await round(bench, { way, url, who }))
    }
    const all = took.map(one => one['inn']!)
    console.log(
      JSON.stringify({
        ...{ way, rounds: ROUNDS },
        innSeconds: { median: Number(median(all).toFixed(1)), most: Number(Math.max(...all).toFixed(1)) },
        monit: took.map(({ inn: _, ...others }) => others),
      }),
    )
  }
} finally {
  for (const child of monits) child.kill()
  hook.close()
  mail.close(() => {})
  await bench.remove()
}

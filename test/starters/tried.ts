import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commit } from '../kit/app.ts'
import { type Ended, makeServer, type Server } from '../kit/server.ts'
import { ask, visit } from '../kit/visitors.ts'
import { make, run, versionOf } from './made.ts'
import { type Edit, type Starter, type Trial, today } from './starter.ts'

type Say = (line: string) => void

/** How long visitors go on at one side before the next switch. */
const BETWEEN_MS = 2_000
/** How much of the log of a failed deploy is shown, in characters. */
const LOG = 12_000

interface Place {
  starter: Starter
  server: Server
  folder: string
  say: Say
}

/** Does with a starter what a person would, in a home of its own, of which nothing is left. `named`: is told its version as soon as that is known. */
export async function tryOut(
  starter: Starter,
  { registry, say, named }: { registry: string; say: Say; named: (version: string) => void },
): Promise<Trial> {
  const at = await mkdtemp(join(tmpdir(), 'inn-starter-'))
  // The home is in it, and apps run as their own users.
  await chmod(at, 0o711)
  await mkdir(join(at, 'home'))
  let server: Server | null = null
  try {
    const folder = await make(starter, at, say)
    const version = `${starter.package} ${await versionOf(starter, folder)}`
    named(version)
    say(`made: ${version}`)
    const home = join(at, 'home')
    const headers: Record<string, string> = starter.native
      ? { npm_config_nodedir: await headersIn(home, starter.native) }
      : {}
    server = await makeServer({ at: home, env: { npm_config_registry: registry, ...headers } })
    const place: Place = { starter, server, folder, say }
    const { tries, edit, first } = await bringUp(place)
    const memory = await memoryOf(place)
    return {
      ...{ name: starter.name, version, from: starter.from, tries, edit: edit?.why ?? null },
      ...{ ms: first.json.ms!, memory, ...(await switched(place, edit !== null)) },
      day: today(),
    }
  } finally {
    await server?.remove()
    await rm(at, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What node-gyp asks nodejs.org for, as npm's package of that Node.js brings it. Resolves with its place: of the home, builds see their own app's folders and the runtimes. */
async function headersIn(home: string, major: number): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  const place = join(home, 'runtimes', 'headers')
  await mkdir(place, { recursive: true })
  await run({ argv: ['npm', 'install', '--ignore-scripts', '--prefix', place, `${name}@${major}`] }, place)
  return join(place, 'node_modules', name)
}

/** init, check, the edit where there is one, and deploys until it is live: two at most. */
async function bringUp(place: Place): Promise<{ tries: number; edit: Edit | null; first: Ended }> {
  const { starter, server, folder, say } = place
  const { edit } = starter
  const told: Partial<Record<Edit['told']['by'], string>> = {}
  for (const by of ['init', 'check'] as const) {
    const ended = await server.inn([by], { cwd: folder })
    assert.equal(ended.code, 0, `inn ${by}: ${ended.text}`)
    say(`inn ${by}: ${String(ended.json['warnings'] ?? '') || 'no warning'}`)
    told[by] = ended.text
  }
  await commit(folder, { ignored: false })
  const early = edit !== undefined && edit.told.by !== 'deploy'
  if (early)
    assert.match(told[edit.told.by] ?? '', edit.told.saying, `inn ${edit.told.by} does not tell of it`)
  const first = await deploy(place, early)
  // What only a failing deploy tells of is not needed where it does not fail.
  if (early || edit === undefined || first.json.outcome === 'done')
    return { tries: 1, edit: early ? edit : null, first: live(first) }
  assert.match(first.text, edit.told.saying, 'the failing deploy does not tell of it')
  return { tries: 2, edit, first: live(await deploy(place, true)) }
}

/** The first line of what it throws is for the table. */
function live(ended: Ended): Ended {
  if (ended.json.outcome === 'done') return ended
  const { what = `it ended with ${ended.code}`, why = '' } = ended.json.failure ?? {}
  throw new Error(`${what}: ${why.replaceAll('\n', ' ')}\n${ended.text}`)
}

/** `edited`: with the edit made, or its values given. */
async function deploy({ starter, server, folder, say }: Place, edited: boolean): Promise<Ended> {
  const change = edited ? starter.edit!.change : null
  if (change !== null && 'file' in change) {
    const path = join(folder, change.file)
    const text = await readFile(path, 'utf8')
    if (!text.includes(change.to)) {
      assert.equal(text.split(change.from).length, 2, `${change.file} has "${change.from}" once`)
      await writeFile(path, text.replace(change.from, change.to))
      await commit(folder, { ignored: false })
    }
  }
  const values = change !== null && 'env' in change ? Object.entries(change.env) : []
  const given = values.flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const ended = await server.inn(['deploy', '--watch', '5s', ...given], { cwd: folder })
  say(`inn deploy: ${ended.json.outcome ?? ended.text.slice(0, 2_000)} after ${ended.json.ms ?? '?'} ms`)
  // The home will be gone, and a failure quotes no more than the edges of the log.
  const log =
    ended.json.outcome === 'done' ? null : /the whole log: (\S+)/.exec(ended.json.failure?.fix ?? '')?.[1]
  if (log) say(`${log}:\n${(await readFile(log, 'utf8')).slice(-LOG)}`)
  return ended
}

/** Of all its instances, once each page was asked for; null: it has none. */
async function memoryOf({ starter, server }: Place): Promise<number | null> {
  const { url } = await server.app(starter.folder, app => app.state === 'serving')
  for (const page of starter.pages) {
    const answer = await ask(`${url}${page}`)
    assert.equal(answer.status, 200, `${page}: ${answer.status} ${answer.body.slice(0, 500)}`)
  }
  const app = await server.app(starter.folder)
  assert.equal(app.state, 'serving', app.reason ?? '')
  const instances = app.services.flatMap(service => service.instances)
  return instances.length === 0 ? null : instances.reduce((sum, one) => sum + (one.rssBytes ?? 0), 0)
}

/** Four switches while visitors ask for every page: a new release, back, forward, and back again. */
async function switched(place: Place, edited: boolean): Promise<Pick<Trial, 'requests' | 'lost'>> {
  const { starter, server, say } = place
  const { url } = await server.app(starter.folder)
  const visitors = starter.pages.map(page => visit(`${url}${page}`, { page: true }))
  const by = (...args: string[]) => server.inn([...args, starter.folder])
  const switches = [
    () => deploy(place, edited),
    () => by('rollback'),
    () => by('forward'),
    () => by('rollback'),
  ]
  try {
    for (const change of switches) {
      await sleep(BETWEEN_MS)
      live(await change())
    }
    await sleep(BETWEEN_MS)
  } finally {
    await Promise.all(visitors.map(one => one.leave()))
  }
  const seen = visitors.map(one => one.seen)
  for (const failure of seen.flatMap(one => one.failures)) say(`lost: ${failure}`)
  const sum = (of: 'requests' | 'failed'): number => seen.reduce((all, one) => all + one[of], 0)
  return { requests: sum('requests'), lost: sum('failed') }
}

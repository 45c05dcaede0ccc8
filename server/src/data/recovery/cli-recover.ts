import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

import { KEEPER, KEEPER_STATE } from '../../apps/app/names.ts'
import { type Cli, carryOn, carryOut, openCli, printJson, type Result } from '../../cli/command.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { homeAt } from '../../config/home.ts'
import { beginStopped } from '../../db/copy.ts'
import type { Views } from '../../engine/view.ts'
import type { RunSummary } from '../../engine/wire.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { Status } from '../../watch/status/wire.ts'
import { clustersIn, KEPT_STORE, keeperFiles } from '../backups/keeper-files.ts'
import type { SnapshotPart } from '../backups/point.ts'
import { showRecovery } from './cli-look.ts'
import { checkMachine, checkMajors } from './cli-machine.ts'
import { lookAtPlaces, type MachineTools, newestState } from './from-kit.ts'
import { type Kit, readKit } from './kit.ts'
import { PENDING, type Pending } from './pending.ts'

interface Flags {
  kit: string
  plan?: boolean
  json?: boolean
}

/** What a recovery needs from this machine. */
interface Machine {
  terminal: Terminal
  view: Pick<Views, 'plan'>
  tools: MachineTools
  /** Starts Innkeeper and everything that ran before. */
  up(root: string, say: (line: string) => void): Promise<unknown>
}

const pendingOf = (root: string): string => join(root, PENDING)
/** The folder of the keeper's state until all of it was moved to its final paths. */
const halfOf = (root: string): string => join(root, 'recovering')

/** inn recover: brings a server back on an empty machine, from the recovery kit. May be called again after an interruption. */
export async function recover(
  root: string,
  flags: Flags,
  { terminal, view, tools, up }: Machine,
): Promise<void> {
  const started = performance.now()
  const json = flags.json ?? false
  const say = (line: string) => (json ? undefined : terminal.print(line))
  const kit = readKit(await kitText(flags.kit))
  const begun = (await tools.exists(pendingOf(root))) && (await tools.exists(homeAt(root).store))
  if (flags.plan) return showRecovery({ root, kit, begun, view, tools }, { json, terminal })
  if (!begun) await takeState(root, kit, { tools, say })
  await tools.remove(halfOf(root))
  const pending = JSON.parse(await readFile(pendingOf(root), 'utf8')) as Pending
  await up(root, say)
  const cli = openCli({ home: root, json, wait: true, tunnel: null, version: null })
  const data = await bringBack(cli, pending)
  const results = [data, ...(data.outcome === 'done' ? await startAll(cli, pending.apps) : [])]
  const whole = results.every(result => result.outcome === 'done')
  if (whole) await tools.remove(pendingOf(root))
  else process.exitCode = EXIT.failed
  const ms = Math.round(performance.now() - started)
  const moment = data.steps.find(step => step.kind === 'recover.data')?.note ?? null
  const settingsOf = new Date(pending.at).toISOString()
  if (json) return printJson({ ms, moment, settingsOf, runs: results })
  if (!whole) return terminal.note('not all of it is back: the same command goes on where it stopped')
  say(`${list(pending.apps) || 'the server'} recovered in ${showDuration(ms)}`)
  if (moment !== null) say(`databases: ${moment}`)
  say(`settings and files: as of ${local(pending.at)}`)
}

async function kitText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new Failure('usage.kit', `${path} cannot be read`, {
      why: error.message,
      fix: 'check the path: it is the file that `inn recovery kit` made',
    })
  })
}

/** Runs the recovery, or follows the run of an earlier call to its end. Data that came back already is not overwritten. */
async function bringBack(cli: Cli, { place, since }: Pending): Promise<Result> {
  const runs = await cli.client.get<RunSummary[]>('/api/runs')
  const own = runs.find(run => run.kind === 'recover' && Date.parse(run.startedAt) >= since)
  if (own !== undefined && (own.state !== 'ended' || own.outcome === 'done')) return carryOn(cli, own.id)
  return carryOut(cli, { path: '/api/recovery', body: { place } })
}

/** Starts the apps that ran, also those that an earlier call began to start. */
async function startAll(cli: Cli, names: readonly string[]): Promise<Result[]> {
  const { apps } = await cli.client.get<Status>('/api/status')
  const results: Result[] = []
  for (const { name, state, running } of apps.filter(app => names.includes(app.name))) {
    if (running !== null) results.push(await carryOn(cli, running))
    else if (state === 'stopped')
      results.push(await carryOut(cli, { path: `/api/apps/${name}/start`, body: {} }))
  }
  return results
}

interface Taking {
  tools: MachineTools
  say(line: string): void
}

/** Brings back the keeper's state from the place where it is newest. The store is moved last: with it, the state counts as complete. */
async function takeState(root: string, kit: Kit, { tools, say }: Taking): Promise<void> {
  await checkMachine(root, kit, tools)
  await tools.folder(root)
  const snapshots = tools.snapshotsOf(kit, join(root, 'cache', 'restic', KEEPER))(KEEPER)
  const seen = await lookAtPlaces(kit, snapshots, tools.exists)
  for (const { problem } of seen) if (problem !== null) say(problem)
  const { place, state } = newestState(seen)
  const into = halfOf(root)
  await tools.remove(into)
  await mkdir(into, { recursive: true, mode: 0o700 })
  const { bytes } = await snapshots.restore({ place, id: state.id, into })
  const part: SnapshotPart = { of: KEEPER_STATE, place: place.name, id: state.id, bytes, addedBytes: 0 }
  const apps = beginStopped(join(into, KEPT_STORE), {
    point: state.point,
    parts: [part],
    endedAt: state.at,
  })
  const home = homeAt(root)
  const clusters = clustersIn(await readdir(into))
  await checkMajors(await majorsIn(into, clusters), tools)
  for (const app of clusters) await tools.folder(home.cluster(app))
  const { [KEPT_STORE]: store, ...files } = keeperFiles(home, clusters)
  const pending: Pending = { place: place.name, apps, at: state.at, since: Date.now() }
  await tools.write(join(into, PENDING), JSON.stringify(pending))
  // The store is moved last: a home with a store is in use.
  const all: Array<[string, string]> = [
    ...Object.entries(files),
    [PENDING, pendingOf(root)],
    [KEPT_STORE, store!],
  ]
  for (const [name, path] of all)
    if (await tools.exists(join(into, name))) await rename(join(into, name), path)
  say(`the keeper's state of ${local(state.at)} is back, from ${place.name}`)
}

/** The majors of PostgreSQL that the clusters were written by. */
const majorsIn = async (folder: string, clusters: readonly string[]): Promise<number[]> =>
  Promise.all(clusters.map(async app => Number(await readFile(join(folder, `cluster.${app}.major`), 'utf8'))))

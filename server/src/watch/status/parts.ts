import { parseName } from '../../apps/app/names.ts'
import type { ClusterFiles, Clusters } from '../../apps/databases/cluster.ts'
import { sayLoss } from '../../apps/databases/gone.ts'
import { isPart } from '../../apps/deploys/observe.ts'
import { showDuration } from '../../kernel/durations.ts'
import { unmarked } from '../../kernel/words.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { Status } from './wire.ts'

/** The parts of the server that all apps need. */
export interface PartPorts {
  supervisor: Pick<Supervisor, 'list' | 'state'>
  edge: Pick<Edge, 'alive'>
  clusters: Clusters<{ accepts(): Promise<boolean> } & Pick<ClusterFiles, 'loss'>>
  /** Whether the Redis of an app answers. */
  redis(app: string): Promise<boolean>
  /** Whether the PgBouncer of an app answers. */
  pooler(app: string): Promise<boolean>
  /** The pid of the supervision tree, which restarts what ends; null: it does not run. */
  supervision(): Promise<number | null>
}

type Part = Status['parts'][number]

/** A part as a service of the supervisor. */
export interface SeenPart extends Part {
  /** Since its process began, or ended. */
  seconds: number
  /** It is meant to run. */
  wanted: boolean
  /** Whether it was asked for an answer. One that was not is up as long as it runs. */
  asked: boolean
}

/** The parts of the server, each asked whether it answers. */
export const partsOf = async (ports: PartPorts): Promise<Part[]> => [
  await supervisionOf(ports),
  ...(await seenParts(ports)).map(({ name, state, pid, detail }) => ({ name, state, pid, detail })),
]

/** `asks`: the names of those that are asked whether they answer; default: all. */
export async function seenParts(ports: PartPorts, asks = (_: string): boolean => true): Promise<SeenPart[]> {
  const names = (await ports.supervisor.list()).filter(name => isPart(name) && name !== 'keeper').sort()
  return (await Promise.all(names.map(name => seen(ports, name, asks(name))))).flat()
}

/** Nothing, if it was removed since the list was made. */
async function seen(ports: PartPorts, name: string, asked: boolean): Promise<SeenPart[]> {
  const state = await ports.supervisor.state(name)
  if (state === null) return []
  const { pid, seconds, wanted } = state
  const up = pid !== null && (!asked || (await answers(ports, name)))
  const detail = up ? `for ${showDuration(seconds * 1000)}` : `inn logs ${logsOf(name)}`
  const part = {
    name,
    state: up ? 'up' : wanted ? 'down' : 'stopped',
    pid,
    detail,
    seconds,
    wanted,
    asked,
  } as const
  const named = parseName(name)
  const lost = named.kind === 'postgres' ? await lossOf(ports.clusters, named.app) : null
  return [lost === null ? part : { ...part, state: 'down', detail: `${lost.what}; ${unmarked(lost.fix)}` }]
}

/** Whether a part that runs answers. One that nobody asks anything works as long as it runs. */
async function answers({ edge, clusters, redis, pooler }: PartPorts, name: string): Promise<boolean> {
  const named = parseName(name)
  if (named.kind === 'postgres') return clusters.of(named.app).accepts()
  if (named.kind === 'redis') return redis(named.app)
  if (named.kind === 'pooler') return pooler(named.app)
  return name === 'edge' ? edge.alive() : true
}

/** What became of the files of an app's cluster; null: they are there, or go on elsewhere. */
export async function lossOf(clusters: PartPorts['clusters'], app: string) {
  const loss = await clusters.of(app).loss()
  return loss === null || loss.server === 'elsewhere' ? null : sayLoss(app, loss)
}

/** What stands after `inn logs` for the log of a part. */
export function logsOf(name: string): string {
  const [app, service] = name.split('.')
  return service === undefined ? name : `${app} --service ${service}`
}

/** The supervision tree as a part. Without it, nothing that ends is started again. */
async function supervisionOf({ supervision }: PartPorts): Promise<Status['parts'][number]> {
  const pid = await supervision()
  const detail = pid === null ? 'inn up starts it; until then nothing that ends is started again' : 'runsvdir'
  return { name: 'supervision', state: pid === null ? 'down' : 'up', pid, detail }
}

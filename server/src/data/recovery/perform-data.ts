import { makeHome } from '../../apps/deploys/perform-home.ts'
import type { StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { recoverCluster } from './perform-cluster.ts'
import { recoverFolder } from './perform-folder.ts'
import type { RecoveryPorts } from './ports.ts'
import type { RecoveryStep } from './step.ts'

/** Memory that a restore and the replay of its log need beside what runs. */
const MEMORY_EACH = 512 * 1024 ** 2
const MOST_CLUSTERS = 4
/** Folders mostly wait for the place. */
const MOST_FOLDERS = 2

/** One thing to bring back. */
interface Work {
  what: string
  run(context: StepContext): Promise<string>
}

interface Brought {
  notes: string[]
  failed: Array<{ what: string; error: unknown }>
}

/** Brings back clusters, as many at a time as memory allows, and folders beside them. One that fails keeps no other from coming back. */
export async function recoverData(
  ports: RecoveryPorts,
  { clusters, folders }: Extract<RecoveryStep, { kind: 'recover.data' }>,
  context: StepContext,
): Promise<string> {
  // One after the other: two programs that add the same user at once get into each other's way.
  for (const app of new Set([...clusters, ...folders].map(one => one.app))) await makeHome(ports.of(app), app)
  const { memoryAvailable } = await ports.room()
  const atOnce = Math.max(1, Math.min(MOST_CLUSTERS, Math.floor(memoryAvailable / MEMORY_EACH)))
  const ofClusters = clusters.map(one => ({
    what: one.app,
    run: (own: StepContext) => recoverCluster(ports, one, own),
  }))
  const ofFolders = folders.map(one => ({
    what: `${one.of} of ${one.app}`,
    run: (own: StepContext) => recoverFolder(ports.of(one.app), one, own),
  }))
  const both = await Promise.all([
    inOrder(ofClusters, atOnce, context),
    inOrder(ofFolders, MOST_FOLDERS, context),
  ])
  const failed = both.flatMap(one => one.failed)
  if (failed.length > 0) throw notAll(failed, clusters.length + folders.length)
  const [{ notes }] = both
  return clusters.length > 0 ? notes.toSorted().join('; ') : both[1].notes.join('; ')
}

/** Does several things, so many at a time. */
async function inOrder(works: readonly Work[], atOnce: number, context: StepContext): Promise<Brought> {
  const waiting = [...works]
  const brought: Brought = { notes: [], failed: [] }
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { what, run } = next
      try {
        const note = await run({ ...context, say: line => context.say(`${what}: ${line}`) })
        brought.notes.push(`${what}: ${note}`)
      } catch (error) {
        context.signal.throwIfAborted()
        brought.failed.push({ what, error })
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return brought
}

function notAll(failed: Brought['failed'], of: number): unknown {
  const [first, ...more] = failed
  if (more.length === 0) return first!.error
  return new Failure('recover.some', `${failed.length} of ${of} parts did not come back`, {
    why: failed
      .map(({ what, error }) => `${what}: ${describe(error).what}: ${describe(error).why}`)
      .join('\n'),
    fix: 'mend that, then the same command again: those that are back stay',
  })
}

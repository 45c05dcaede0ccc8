import type { Clock } from '../../kernel/clock.ts'
import { commentOf, type Shown } from './comment.ts'
import type { Write } from './ports.ts'
import { repositoryAt } from './rule.ts'
import type { Connection, ConnectionStore, Pull } from './store.ts'

export interface TellPorts {
  store: Pick<ConnectionStore, 'told'>
  write: Write
  /** What is seen of a preview; null: it is not there. */
  shown(app: string): Promise<Shown | null>
  digest(text: string): string
  clock: Pick<Clock, 'now'>
  log(level: string, msg: string, more?: object): void
}

/** Waits before the second try and so on. Then a comment is given up, until there is something else to say. */
const WAITS_MS = [5_000, 30_000, 120_000, 600_000]

interface Tried {
  digest: string
  tries: number
  nextAt: number
}

/** Keeps the comment of each pull request as what became of it. It holds up no deploy, and no deploy fails by it. */
export function createTelling({ store, write, shown, digest, clock, log }: TellPorts) {
  const tried = new Map<string, Tried>()
  const under = new Set<string>()

  async function tell(connection: Connection, pull: Pull, key: string): Promise<void> {
    const { token, provider, api, repository } = connection
    // Nobody was told of what was never built.
    if (token === null || (pull.told === null && pull.wanted === null)) return
    const text = commentOf(
      { ...pull, commit: pull.wanted },
      pull.state === 'up' ? await shown(pull.app) : null,
    )
    const wanted = digest(text)
    if (pull.told === wanted) return void tried.delete(key)
    const before =
      tried.get(key)?.digest === wanted ? tried.get(key)! : { digest: wanted, tries: 0, nextAt: 0 }
    if (before.nextAt > clock.now()) return
    const { name } = repositoryAt(provider, repository)
    const { number, comment: id } = pull
    const written = await write({ provider, api, name, token, number, id, text })
    if ('why' in written) log('error', `a comment for ${pull.app} was not written`, { why: written.why })
    if ('id' in written) await store.told(pull, { comment: written.id, told: wanted })
    const wait = 'again' in written && written.again ? WAITS_MS[before.tries] : undefined
    const nextAt = clock.now() + (wait ?? Number.POSITIVE_INFINITY)
    if ('id' in written) tried.delete(key)
    else tried.set(key, { digest: wanted, tries: before.tries + 1, nextAt })
  }

  return {
    /** Tells of a pull request what is new. One that is under way goes on; the next call comes to the rest. */
    async tell(connection: Connection, pull: Pull): Promise<void> {
      const key = `${pull.connection}/${pull.number}`
      if (under.has(key)) return
      under.add(key)
      await tell(connection, pull, key).finally(() => under.delete(key))
    },
  }
}

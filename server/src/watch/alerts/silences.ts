import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { type Silence, sameMatchers, stateOf, unknownSilence, wrongMatchers } from './silence.ts'
import type { AlertStore } from './store.ts'

export type SilenceWish = Omit<Silence, 'id' | 'updatedAt'> & { id: string | null }

interface Ports {
  store: Pick<AlertStore, 'silences' | 'keepSilence' | 'changing'>
  clock: Clock
  newId(): string
  /** What is silenced has changed. */
  changed(): void
}

export type Silences = ReturnType<typeof createSilences>

/** Silences, each in the store before it is answered. */
export function createSilences({ store, clock, newId, changed }: Ports) {
  const find = async (id: string): Promise<Silence | null> =>
    (await store.silences()).find(one => one.id === id) ?? null

  /** Failure `silence.unknown`, `silence.invalid`. Resolves with its id. */
  async function put({ id, ...wish }: SilenceWish): Promise<string> {
    const now = clock.now()
    const why = wrongMatchers(wish.matchers) ?? wrongTimes(wish, now)
    if (why !== null) throw invalid(why)
    const known = id === null ? null : await find(id)
    if (id !== null && known === null) throw unknownSilence(id)
    const stays =
      known !== null &&
      stateOf(known, now) !== 'expired' &&
      sameMatchers(known.matchers, wish.matchers) &&
      (stateOf(known, now) === 'pending' || known.startsAt === wish.startsAt)
    const kept = { ...wish, id: stays ? known.id : newId(), updatedAt: now }
    // What is over does not count for the past.
    const silence = stays ? kept : { ...kept, startsAt: Math.max(wish.startsAt, now) }
    await store.changing(async sql => {
      if (known !== null && !stays) await store.keepSilence(ended(known, now), sql)
      await store.keepSilence(silence, sql)
    })
    changed()
    return silence.id
  }

  return {
    list: (): Promise<Silence[]> => store.silences(),
    find,
    put,
    /** Ends a silence; one that has ended stays as it is. Failure `silence.unknown`. */
    async expire(id: string): Promise<void> {
      const known = await find(id)
      if (known === null) throw unknownSilence(id)
      if (stateOf(known, clock.now()) === 'expired') return
      await store.keepSilence(ended(known, clock.now()))
      changed()
    },
  }
}

const ended = (silence: Silence, now: number): Silence => ({
  ...silence,
  startsAt: Math.min(silence.startsAt, now),
  endsAt: Math.min(silence.endsAt, now),
  updatedAt: now,
})

function wrongTimes({ startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>, now: number): string | null {
  if (endsAt <= startsAt) return 'start time must be before end time'
  return endsAt <= now ? "end time can't be in the past" : null
}

const invalid = (why: string): Failure =>
  new Failure('silence.invalid', 'this silence cannot be', {
    why,
    fix: 'correct it: `inn silence add --help`',
  })

import type { Clock } from '../../kernel/clock.ts'
import type { Channel, Content, Limit, Outcome } from './channel.ts'
import type { Claim } from './claim.ts'
import { type Budget, budget, digest, LEASE_MS, next, nextLetter, retryAt, SEND_MS } from './rule.ts'
import type { MessageStore } from './store.ts'

/** Longer than any stretch that a limit counts in. */
const WINDOW_MS = 90_000
/** A clock may be stepped while a line sleeps, so no sleep is longer. */
const LONGEST_SLEEP_MS = 60_000
const LONGEST_PAUSE_MS = 75 * 60_000
const RECORD_AGAIN_MS = 2_000

/** A channel with what the ledger has to know of it. */
export interface Ready {
  channel: Channel
  /** Why the address gets nothing more; null: it does. */
  suppressed: string | null
  /** Who gets what is not delivered in time; null: nobody. */
  instead: { channel: string; afterMs: number } | null
}

export interface SenderPorts {
  store: MessageStore
  /** null: there is no such channel any more. */
  channel(name: string): Promise<Ready | null>
  /** Keeps that an address takes nothing. */
  suppress(name: string, why: string): Promise<void>
  clock: Clock
  /** From 0 to 1. */
  chance(): number
  /** A name for this process. */
  me: string
  /** A name for this server that never changes: providers are told it with each dispatch. */
  server: string
  leaseMs?: number
  /** Told of what cannot be written down at the moment. */
  onDefect(error: unknown): void
}

export type Sender = ReturnType<typeof createSender>

/**
 * Sends what is in the ledger. Each channel that has something to send has a line of its own, so that one which hangs
 * holds no other back; a line ends when nothing is left, and costs nothing until `wake`.
 */
export function createSender(ports: SenderPorts) {
  const { store, clock } = ports
  const lines = new Map<string, AbortController>()
  const seen = windows(store, clock)
  const pauses = pausing()

  /** One dispatch at most. Resolves with the moment at which there is more to do; null: nothing is left. */
  async function step(name: string): Promise<number | null> {
    const ready = await ports.channel(name)
    if (ready === null) return null
    const now = clock.now()
    const { passed, passAt } = await passOn(name, ready, ports)
    if (passed) await wake()
    const queue = await store.queue(name)
    const { limits, digests } = ready.channel
    const scopes = await seen.of(name, limits, false)
    const choice = next(
      { ...queue, digests, suppressed: ready.suppressed !== null },
      budget(limits, scopes, now),
      now,
    )
    if (choice.do === 'rest') return passAt
    if (choice.do === 'wait') return Math.min(choice.until, passAt ?? Number.POSITIVE_INFINITY)
    const holder = { by: ports.me, until: now + (ports.leaseMs ?? LEASE_MS), now }
    const claim =
      choice.do === 'send'
        ? await store.claimNew(name, choice.most, holder)
        : await store.claimAgain(choice.dispatch, queue.open!, holder)
    if (claim !== null) {
      seen.add(limits, now)
      await carryOut(name, ready.channel, claim, ports)
    }
    return clock.now()
  }

  /** As `step`, for the letters of a channel. */
  async function letterStep(name: string): Promise<number | null> {
    const channel = (await ports.channel(name))?.channel
    if (channel?.letters === undefined) return null
    const { limits } = channel.letters
    const now = clock.now()
    await store.dropSuppressed(name, now)
    const queue = await store.letters(name)
    const { free, at } = budget(limits, await seen.of(name, limits, true), now)
    const choice = nextLetter(queue, pauses.held(name, { free, at }, now), now)
    if (choice.do === 'rest') return null
    if (choice.do === 'wait') return choice.until
    const holder = { by: ports.me, until: now + (ports.leaseMs ?? LEASE_MS), now }
    const claim =
      choice.do === 'send'
        ? await store.claimLetter(name, holder)
        : await store.claimAgain(choice.dispatch, queue.open!, holder)
    if (claim !== null) {
      seen.add(limits, now)
      const outcome = await carryOut(name, channel, claim, ports)
      pauses.note(name, outcome, { now: clock.now(), chance: ports.chance() })
    }
    return clock.now()
  }

  async function line(key: string, work: () => Promise<number | null>): Promise<void> {
    for (;;) {
      const rested = new AbortController()
      lines.set(key, rested)
      const at = await work()
      // Whoever woke it meanwhile may have written something down that this step did not see.
      if (at === null && rested.signal.aborted) continue
      if (at === null) return void lines.delete(key)
      const ms = Math.min(at - clock.now(), LONGEST_SLEEP_MS)
      // Whoever wakes it wants it to look again, which is what it does.
      if (ms > 0) await clock.sleep(ms, rested.signal).catch(() => {})
    }
  }

  /** Looks at the ledger, and sees to all that is in it. Called after a decision, at the start, and once a minute. */
  async function wake(): Promise<void> {
    for (const name of await store.withWork()) begin(name, () => step(name))
    for (const name of await store.withLetters()) begin(`letters of ${name}`, () => letterStep(name))
  }

  function begin(key: string, work: () => Promise<number | null>): void {
    const running = lines.get(key)
    running?.abort()
    if (running !== undefined) return
    lines.set(key, new AbortController())
    line(key, work).catch(error => {
      lines.delete(key)
      ports.onDefect(error)
    })
  }

  return {
    step,
    letterStep,
    wake,
    /** Whether something is being sent or waits for its time. */
    busy: (): boolean => lines.size > 0,
  }
}

/** Gives what waited too long to the other channel. `passAt`: when the next message will have; null: never. */
async function passOn(
  name: string,
  { instead, suppressed }: Ready,
  { store, clock }: SenderPorts,
): Promise<{ passed: boolean; passAt: number | null }> {
  const oldest = instead === null ? null : await store.oldest(name)
  if (instead === null || oldest === null) return { passed: false, passAt: null }
  const now = clock.now()
  const afterMs = suppressed === null ? instead.afterMs : 0
  if (oldest + afterMs > now) return { passed: false, passAt: oldest + afterMs }
  const passed = await store.passOn(name, instead.channel, { before: now - afterMs, now })
  return { passed: passed > 0, passAt: null }
}

async function carryOut(name: string, channel: Channel, claim: Claim, ports: SenderPorts): Promise<Outcome> {
  const { store, clock } = ports
  const began = performance.now()
  const outcome = await sent(channel, `${ports.server}-${claim.dispatch}`, digest(claim.contents))
  const ms = performance.now() - began
  const now = clock.now()
  if (outcome.type === 'bounced') {
    const { letter } = claim.contents[0]!
    if (letter === undefined) await ports.suppress(name, outcome.why)
    else await store.suppressAddress(name, { to: letter.to, why: outcome.why }, now)
  }
  const { tries } = claim
  const nextAt =
    outcome.type === 'later' || outcome.type === 'refused'
      ? retryAt(outcome, { tries, now, chance: ports.chance() })
      : null
  // What was sent and not noted would be sent again, so this waits until the disk takes it.
  for (;;) {
    try {
      await store.record(claim, outcome, { ms, now, nextAt })
      return outcome
    } catch (error) {
      ports.onDefect(error)
      await clock.sleep(RECORD_AGAIN_MS)
    }
  }
}

/** What a channel throws counts as an attempt that failed: the message stays. */
async function sent(channel: Channel, key: string, content: Content): Promise<Outcome> {
  try {
    return await channel.send(key, content, AbortSignal.timeout(SEND_MS))
  } catch (error) {
    return { type: 'later', why: error instanceof Error ? error.message : String(error), afterMs: null }
  }
}

/**
 * How long the letters of a channel wait after one that its provider, rather than an address, did not take: else a provider
 * that is away would be asked once for each letter.
 */
function pausing() {
  const paused = new Map<string, { tries: number; until: number }>()
  return {
    held: (name: string, { free, at }: Budget, now: number): Budget => {
      const until = paused.get(name)?.until ?? 0
      // Longer than any pause: the clock was put back.
      return { free, at: until > now + LONGEST_PAUSE_MS ? at : Math.max(at, until) }
    },
    note(name: string, outcome: Outcome, { now, chance }: { now: number; chance: number }): void {
      if (outcome.type === 'sent' || outcome.type === 'bounced') return void paused.delete(name)
      if (outcome.alone === true) return
      const tries = (paused.get(name)?.tries ?? 0) + 1
      paused.set(name, { tries, until: retryAt(outcome, { tries, now, chance }) })
    },
  }
}

/** When requests were begun in each scope; for a channel that is met first, from the ledger, also by the process before. */
function windows(store: MessageStore, clock: Clock) {
  const past = new Map<string, number[]>()
  const known = new Set<string>()
  const add = (limits: readonly Limit[], at: number) => {
    for (const scope of new Set(limits.map(limit => limit.scope)))
      past.set(scope, [...(past.get(scope) ?? []).filter(time => time > at - WINDOW_MS), at])
  }
  return {
    add,
    async of(name: string, limits: readonly Limit[], letters: boolean) {
      const key = `${letters ? 'letters' : 'own'} ${name}`
      if (!known.has(key)) {
        known.add(key)
        for (const at of await store.begun(name, clock.now() - WINDOW_MS, letters)) add(limits, at)
      }
      return (scope: string): readonly number[] => past.get(scope) ?? []
    },
  }
}

import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { Content } from '../messages/channel.ts'
import { type Act, channelsFor, due, settingsFor } from './due.ts'
import { type Sources, spanOf } from './facts.ts'
import { createGather } from './gather.ts'
import { reportOf } from './rule.ts'
import type { ReportStore } from './store.ts'
import { contentOf } from './text.ts'
import type { Report, ReportPeriod, ReportSent, ReportSettings } from './wire.ts'

/** What somebody waits for to look at it, what to send it, and what nobody waits for. */
const ASKED_MS = 4_000
const SENT_NOW_MS = 10_000
const SENT_MS = 120_000
/** A keeper that was just started has not looked at everything yet. */
const SETTLED_MS = 30_000

export interface ReportPorts {
  store: ReportStore
  sources: Sources
  messages: {
    channels(): Promise<ReadonlyArray<{ name: string; settings: { kind: string } }>>
    wake(): Promise<void>
  }
  clock: Clock
  /** When this keeper was started. */
  started: number
  /** The name of the server, and the zone of its clock. */
  server: string
  zone: string
  /** The address of the dashboard; null: no address is known. */
  link(): Promise<string | null>
}

export type Reports = ReturnType<typeof createReports>

/** Says how the server and its apps do, to whoever asks, and by a schedule. */
export function createReports(ports: ReportPorts) {
  const { store, clock, messages, server } = ports
  const gather = createGather(ports.sources, clock)
  const settings = async (): Promise<ReportSettings> => (await store.settings()) ?? settingsFor(ports.zone)

  async function make(
    period: ReportPeriod,
    { boundMs, permits }: { boundMs: number; permits(app: string | null): boolean },
  ): Promise<Report> {
    const span = spanOf(period, clock.now())
    return reportOf(await gather(span, boundMs), { span, server, permits })
  }

  const whole = (period: ReportPeriod, boundMs: number) => make(period, { boundMs, permits: () => true })
  const channels = async () => channelsFor((await settings()).channels, await messages.channels())
  const draftsOf = (names: readonly string[], content: Content) =>
    names.map(channel => ({ channel, content }))

  async function act({ period, dueAt, does, late }: Act): Promise<void> {
    const names = does === 'tell' ? await channels() : []
    const [report, link] =
      names.length === 0 ? [null, null] : [await whole(period, SENT_MS), await ports.link()]
    const drafts =
      report === null ? [] : draftsOf(names, contentOf(report, { link, dueAt: late ? dueAt : null }))
    await store.tell(period, dueAt, drafts, clock.now())
  }

  return {
    settings,

    /** Failure `channel.unknown`. */
    async keep(wish: ReportSettings): Promise<void> {
      const known = (await messages.channels()).map(({ name }) => name)
      const unknown = wish.channels.filter(name => !known.includes(name))
      if (unknown.length > 0) throw unknownChannels(unknown, known)
      await store.keep(wish, clock.now())
    },

    /** What whoever asks may see. */
    report: (period: ReportPeriod, permits: (app: string | null) => boolean): Promise<Report> =>
      make(period, { boundMs: ASKED_MS, permits }),

    /** Sends it now, to whom it is sent by the schedule. Failure `report.nobody`. */
    async send(period: ReportPeriod): Promise<ReportSent> {
      const names = await channels()
      if (names.length === 0) throw nobody()
      const report = await whole(period, SENT_NOW_MS)
      const content = contentOf(report, { link: await ports.link(), dueAt: null })
      await store.send(draftsOf(names, content), clock.now())
      await messages.wake()
      return { period, state: report.state, channels: names }
    },

    /** Sends what is due; called by a timer. */
    async tick(): Promise<void> {
      const now = clock.now()
      const told = await store.told(now)
      if (now - ports.started < SETTLED_MS) return
      const acts = due(await settings(), told, now)
      for (const one of acts) await act(one)
      if (acts.length > 0) await messages.wake()
    },
  }
}

const unknownChannels = (names: readonly string[], known: readonly string[]): Failure =>
  new Failure('channel.unknown', `there is no channel ${list(names)}`, {
    why: known.length === 0 ? 'none was added' : `there are ${list(known)}`,
    fix: '`inn notify list` shows them',
  })

const nobody = (): Failure =>
  new Failure('report.nobody', 'there is nobody to send the report to', {
    why: 'no channel takes reports: there is none, or all of them call people (PagerDuty, SMS)',
    fix: '`inn notify add ops --email you@example.com` adds one; `inn report settings --channel NAME` names one that calls people',
  })

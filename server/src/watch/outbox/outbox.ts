import { currentRelease } from '../../apps/app/app.ts'
import type { Release } from '../../apps/releases/release.ts'
import type { Rendered, Way } from '../../apps/templates/template.ts'
import { PRODUCTION, parseApp } from '../../config/app-key.ts'
import { channelKinds } from './channels.ts'
import * as failures from './failures.ts'
import { createFeeder } from './feeder.ts'
import { grantStore } from './grants.ts'
import type { OutboxPorts } from './ports.ts'
import { checkAddress, LATEST_MS, MOST_WAITING, MOST_WAITING_BYTES, SUPPRESSED } from './rule.ts'
import { type NewRow, type OutboxRow, outboxStore } from './store.ts'
import { stateOf } from './view.ts'
import { SendRequest, type Taken } from './wire.ts'

const DAY_MS = 86_400_000
/** How long it is known what became of a message, and whom it was for. */
export const KEPT_MS = 30 * DAY_MS
/** Of messages that an environment sends which may send none. */
const WITHHELD_PER_DAY = 1_000
/** Of releases and of sets of templates, that are kept in memory: those of what serves. */
const MOST_KNOWN = 16

export type Outbox = ReturnType<typeof createOutbox>

interface Serving {
  config: Release['config']
  source: string
}

/** Messages of apps to their own people: taken, kept until their time, and given to the ledger. */
export function createOutbox(ports: OutboxPorts) {
  const { clock } = ports
  const store = outboxStore(ports.store)
  const grants = grantStore(ports.store)
  const feeder = createFeeder({ ...ports, store, grants })
  const setOf = remembered(source => ports.templates.find(source))
  // A release never changes, and its configuration takes longer to read than all the rest of a message.
  const releaseOf = remembered(async of => {
    const [app, id] = of.split('/')
    return ports.release(app!, id!)
  })

  async function serving(app: string): Promise<Serving> {
    const id = currentRelease(await ports.app(app))
    const release = id === null ? null : await releaseOf(`${app}/${id}`)
    if (release === null) throw failures.notServing(app)
    return release
  }

  async function render(
    app: string,
    asked: Pick<SendRequest, 'channel' | 'template' | 'language' | 'variables'>,
    program = app,
  ) {
    const { source } = await serving(app)
    const { channel: way, template, language, variables } = asked
    return ports.renderer.render(program, await setOf(source), { way, template, language, variables })
  }

  /** By which channel it goes; null: this environment may send nothing. */
  async function allowed(
    app: string,
    way: Way,
  ): Promise<{ channel: string; perDay: number; granted: boolean }> {
    const { config } = await serving(app)
    const channel = config.messages?.[way]
    if (channel === undefined) throw failures.noChannel(app, way)
    const grant = await grants.find(app, channel)
    if (grant !== null) {
      const kept = (await ports.messages.channels()).find(one => one.name === channel)
      if (kept === undefined || !channelKinds[way].includes(kept.settings.kind))
        throw failures.wrongChannel(channel, way)
      return { channel, perDay: grant.perDay, granted: true }
    }
    if (parseApp(app).environment === PRODUCTION) throw failures.notGranted(app, channel)
    return { channel, perDay: WITHHELD_PER_DAY, granted: false }
  }

  async function bounded(
    app: string,
    { channel, perDay }: { channel: string; perDay: number },
  ): Promise<void> {
    if ((await store.since({ app, channel }, clock.now() - DAY_MS)) >= perDay)
      throw failures.spent(app, channel, perDay)
    const { n, bytes } = await store.waiting(app)
    if (n >= MOST_WAITING || bytes >= MOST_WAITING_BYTES) throw failures.full(app)
  }

  async function taken(app: string, asked: SendRequest, digest: string): Promise<OutboxRow> {
    checkAddress(asked.channel, asked.to)
    const way = await allowed(app, asked.channel)
    await bounded(app, way)
    const content = await render(app, asked)
    const suppressed = way.granted && (await grants.isSuppressed(way.channel, asked.to))
    const row = rowOf({ app, asked, digest, content, ...way }, { suppressed, now: clock.now() })
    const whole = { ...row, id: `m${ports.random(20)}` }
    if (await store.add(whole)) return { ...whole, content: null, message: null }
    return same(await store.byKey(app, asked.key!), digest)!
  }

  return {
    /**
     * Takes a message: it is in the store when this resolves. Failures `outbox.*`, `template.*`.
     * `asked`: what the app said, unchecked.
     */
    async send(app: string, asked: unknown): Promise<Taken> {
      const request = requestOf(asked, clock.now())
      const { key: _, ...said } = request
      const digest = ports.sha256(JSON.stringify(said))
      const known = request.key === null ? undefined : await store.byKey(app, request.key)
      const row = same(known, digest) ?? (await taken(app, request, digest))
      if (row.state === 'waiting' && row.send_at <= clock.now()) feeder.wake()
      return { id: row.id, key: row.key, state: stateOf(row) }
    },

    /** Failure `outbox.unknown`. */
    async byKey(app: string, key: string): Promise<OutboxRow> {
      const row = await store.byKey(app, key)
      if (row === undefined) throw failures.unknown(key)
      return row
    },

    /** `app`: null: of any. Failure `outbox.unknown`. */
    async find(app: string | null, id: string): Promise<OutboxRow> {
      const row = await (app === null ? store.anywhere(id) : store.find(app, id))
      if (row === undefined) throw failures.unknown(id)
      return row
    },

    /** Failures `outbox.too-late`. */
    async cancel({ id, app, state }: OutboxRow): Promise<OutboxRow> {
      if (state === 'cancelled' || (await store.cancel(id, clock.now()))) return (await store.find(app, id))!
      throw failures.tooLate(id, stateOf((await store.find(app, id))!))
    },

    render,
    samples: async (app: string) => ports.renderer.samples(app, await setOf((await serving(app)).source)),
    serving,
    store,
    grants,
    wake: feeder.wake,
    overdue: feeder.overdue,

    /** Takes up what is due, and forgets what is old. */
    async tick(): Promise<void> {
      await store.prune(clock.now() - KEPT_MS)
      await ports.templates.prune()
      feeder.wake()
    },
  }
}

/** What the app said, checked. Failure `outbox.invalid`. */
function requestOf(asked: unknown, now: number): SendRequest {
  const read = SendRequest.safeParse(asked)
  if (!read.success)
    throw failures.invalid(
      read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    )
  const { sendAt } = read.data
  if (sendAt !== null && Date.parse(sendAt) > now + LATEST_MS)
    throw failures.invalid('sendAt: a message waits for 400 days at the most')
  return read.data
}

/** A key stands for one message. Failure `outbox.key`. */
function same(row: OutboxRow | undefined, digest: string): OutboxRow | null {
  if (row === undefined) return null
  if (row.digest === digest) return row
  throw failures.otherContent(row.key!)
}

interface Taking {
  app: string
  asked: SendRequest
  digest: string
  channel: string
  granted: boolean
  content: Rendered
}

function rowOf(
  { app, asked, digest, channel, granted, content }: Taking,
  { suppressed, now }: { suppressed: boolean; now: number },
): Omit<NewRow, 'id'> {
  const state = !granted ? 'withheld' : suppressed ? 'suppressed' : 'waiting'
  const waits = state === 'waiting'
  return {
    ...{ app, channel, digest, state, way: asked.channel, template: asked.template },
    ...{ key: asked.key, recipient: asked.to },
    content: waits ? content : null,
    size: waits ? content.text.length + (content.html ?? '').length : 0,
    why: waits ? null : granted ? SUPPRESSED : 'no channel is allowed to this environment',
    send_at: asked.sendAt === null ? now : Date.parse(asked.sendAt),
    created_at: now,
    ended_at: waits ? null : now,
  }
}

/** What was asked for lately, of what never changes. What is not there is looked for again. */
function remembered<T>(read: (name: string) => Promise<T>) {
  const known = new Map<string, T>()
  return async (name: string): Promise<T> => {
    const found = known.get(name) ?? (await read(name))
    known.delete(name)
    if (found !== null) known.set(name, found)
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!)
    return found
  }
}

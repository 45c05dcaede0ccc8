import { createHash } from 'node:crypto'
import type { Actor } from '../../api/actor.ts'
import type { Asking } from '../../api/begin.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Views } from '../../engine/view.ts'
import type { Approval } from '../../engine/wire-change.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { list } from '../../kernel/words.ts'
import type { Audit } from '../audit/audit.ts'
import {
  type Approver,
  checkApprover,
  checkOpen,
  checkProposal,
  heldTo,
  type Kept,
  neededFor,
  staleBy,
  stateOf,
} from './rule.ts'
import type { ApprovalStore } from './store.ts'

const DAY_MS = 24 * 3_600_000
/** What became of it is shown for so long. */
const KEPT_MS = 30 * DAY_MS

export interface ApprovalPorts {
  store: ApprovalStore
  clock: Clock
  view: Pick<Views, 'plan'>
  audit: Pick<Audit, 'write'>
  /** Begins the plan, and resolves with the id of the run. */
  begin(plan: Plan, actor: string): Promise<string>
  /** Who made a token, and so on up to a person. `id`: person:ID or token:ID. */
  makersOf(id: string): Promise<string[]>
  /** How many others must approve deploys of an app, by what serves now. */
  othersOf(app: string): Promise<number>
  random(length: number): string
}

export type Approvals = ReturnType<typeof createApprovals>
type Who = Pick<Actor, 'id' | 'name'>

/** Keeps plans until people have approved them, and begins exactly those. */
export function createApprovals(ports: ApprovalPorts) {
  const { store, clock, audit } = ports
  /** One after the other, so that two approvals at once begin it once. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => {})
    return next
  }
  const shown = async (id: string) => viewOf(await store.get(id), ports)

  /** Those that still wait. */
  const waiting = async (): Promise<Kept[]> =>
    (await store.all()).filter(kept => stateOf(kept, clock.now()) === 'waiting')

  async function approve(id: string, who: Approver): Promise<Approval> {
    const kept = await store.get(id)
    const askers = [kept.askedId, ...(kept.askedId === null ? [] : await ports.makersOf(kept.askedId))]
    checkApprover(kept, who, { askers, now: clock.now() })
    const { name } = who
    // Who approved before may try again, when it could not begin then.
    const given = kept.given.some(one => one.id === who.id && one.name === name)
      ? kept.given
      : [...kept.given, { id: who.id, name }]
    if (given !== kept.given) {
      await store.set(id, { given })
      await audit.write({ actor: name, action: 'approval given', app: kept.app, detail: kept.plan.title })
    }
    if (given.length >= kept.needed) await beginKept(ports, { ...kept, given })
    return shown(id)
  }

  return {
    async ask(asked: Plan, asking: Asking): Promise<Approval> {
      const { plan, who } = asking.assistant
        ? await proposed(ports, { plan: asked, who: asking, waiting: await waiting() })
        : { plan: asked, who: asking }
      const kept = keptOf(ports, plan, who)
      await store.add(kept)
      await audit.write({ actor: who.name, action: 'approval asked', app: kept.app, detail: plan.title })
      return viewOf(kept, ports)
    },
    all: async () => (await store.all()).map(kept => viewOf(kept, ports)),
    get: shown,
    approve: (id: string, who: Approver) => inTurn(() => approve(id, who)),
    refuse: (id: string, who: Who) =>
      inTurn(async () => {
        const kept = await store.get(id)
        checkOpen(kept, clock.now())
        await store.set(id, { state: 'refused', refusedBy: who.name })
        await audit.write({
          actor: who.name,
          action: 'approval refused',
          app: kept.app,
          detail: kept.plan.title,
        })
        return shown(id)
      }),
    waiting,
    /** Sources that waiting plans would deploy. */
    async sources(): Promise<string[]> {
      const steps = (await waiting()).flatMap(({ plan }) => plan.steps.map(({ does }) => does))
      return steps.flatMap(step => ('upload' in step ? [String(step.upload)] : []))
    },
    forget: () => store.forget(clock.now() - KEPT_MS),
  }
}

interface Proposed {
  plan: Plan
  who: Asking
  waiting: readonly Kept[]
}

/** What an assistant asks for: in the name of whoever stands behind its token, which is gone before somebody has looked. */
async function proposed(ports: ApprovalPorts, { plan, who, waiting }: Proposed) {
  checkProposal(plan, waiting)
  const makers = who.id === null ? [] : await ports.makersOf(who.id)
  const behind = makers.find(maker => maker.startsWith('person:')) ?? null
  return { plan: heldTo(plan, await ports.othersOf(plan.app!)), who: { ...who, id: behind } }
}

function keptOf({ clock, random }: ApprovalPorts, plan: Plan, asking: Asking): Kept {
  const now = clock.now()
  const { id, name, assistant, role } = asking
  return {
    ...{ id: random(8).toLowerCase(), app: plan.app!, plan, digest: digestOf(plan) },
    ...{ needed: neededFor(plan), assistant, role },
    ...{ askedBy: name, askedId: id, askedAt: now, endsAt: now + DAY_MS },
    ...{ given: [], state: 'waiting', refusedBy: null, run: null },
  }
}

const digestOf = (plan: Plan): string =>
  createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16)

/** Failure `approval.stale`: what it was planned from is not so any more. */
async function beginKept(
  ports: ApprovalPorts,
  { id, app, plan, askedBy, askedAt, assistant, given }: Kept,
): Promise<void> {
  const other = staleBy(await ports.store.runsSince(app, askedAt))
  if (other !== null) {
    throw new Failure('approval.stale', `${id} fits no more what ${app} is now`, {
      why: `since it was planned this began: ${other}`,
      fix: 'ask for the change again, and have the new plan approved',
    })
  }
  const by = list(given.map(({ name }) => name))
  const run = await ports.begin(plan, assistant ? `${askedBy}, approved by ${by}` : askedBy)
  await ports.store.set(id, { state: 'begun', run })
  await ports.audit.write({
    actor: askedBy,
    action: plan.kind,
    app,
    run,
    detail: `${plan.title}, approved by ${by}`,
  })
}

const viewOf = (kept: Kept, { view, clock }: Pick<ApprovalPorts, 'view' | 'clock'>): Approval => ({
  ...{ id: kept.id, app: kept.app, digest: kept.digest, plan: view.plan(kept.plan), needed: kept.needed },
  ...{
    assistant: kept.assistant,
    role: kept.role,
    askedBy: kept.askedBy,
    askedAt: iso(kept.askedAt),
    endsAt: iso(kept.endsAt),
    run: kept.run,
  },
  approvedBy: kept.given.map(({ name }) => name),
  state: stateOf(kept, clock.now()),
  refusedBy: kept.refusedBy,
})

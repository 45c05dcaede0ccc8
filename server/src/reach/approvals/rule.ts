import { type Actor, mayIn } from '../../api/actor.ts'
import type { Role } from '../../api/wire.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'

/** A plan that others must approve before it begins. */
export interface Kept {
  id: string
  app: string
  plan: Plan
  digest: string
  needed: number
  askedBy: string
  /** person:ID or token:ID; null: at the unix socket. Of an assistant it is whoever stands behind it. */
  askedId: string | null
  assistant: boolean
  /** What the change takes, and so whoever approves it. */
  role: Role
  /** Milliseconds since 1970, as `endsAt`. */
  askedAt: number
  endsAt: number
  given: ReadonlyArray<{ id: string | null; name: string }>
  state: 'waiting' | 'begun' | 'refused'
  refusedBy: string | null
  run: string | null
}

/** What it is now. */
export const stateOf = ({ state, endsAt }: Pick<Kept, 'state' | 'endsAt'>, now: number) =>
  state === 'waiting' && now >= endsAt ? 'expired' : state

/** What an assistant is called. */
export const assistantOf = (person: string): string => `assistant of ${person}`

/** Most proposals of assistants that wait at once: each asks for somebody's attention. */
const MOST_PROPOSALS = 20

/** Refuses an assistant that asks for too much. `waiting`: what waits already. Failures `approval.app`, `approval.many`. */
export function checkProposal(plan: Pick<Plan, 'app' | 'title'>, waiting: readonly Kept[]): void {
  if (plan.app === null)
    throw new Failure('approval.app', `an assistant cannot ask for this: ${plan.title}`, {
      why: 'it is about no app, and people approve by their role in one',
      fix: 'name an app, or do it yourself',
    })
  if (waiting.filter(({ assistant }) => assistant).length < MOST_PROPOSALS) return
  throw new Failure('approval.many', `${MOST_PROPOSALS} proposals of assistants wait already`, {
    why: 'each asks for the attention of a person',
    fix: '`inn approvals` shows them; approve or refuse some',
  })
}

/** The plan of an assistant, held to what the app asks of deploys: `others` people besides who asks. */
export const heldTo = (plan: Plan, others: number): Plan =>
  others > (plan.approvals ?? 0) ? { ...plan, approvals: others } : plan

/** How many people must approve it: of an assistant's plan always one. */
export const neededFor = ({ approvals = 0 }: Pick<Plan, 'approvals'>): number => Math.max(approvals, 1)

/** Refuses whoever may not approve it. `askers`: who asked, and who made the token that asked. */
export function checkApprover(
  kept: Kept,
  approver: Approver,
  { askers, now }: { askers: ReadonlyArray<string | null>; now: number },
): void {
  checkOpen(kept, now)
  if (approver.digest !== kept.digest) throw changed(kept)
  if (approver.id?.startsWith('token:')) throw noPerson(approver.name)
  if (!mayIn(approver, kept.role, kept.app)) throw lesser(kept, approver)
  // The assistant is the one who asked, and the person behind it has looked: unless the app asks for somebody else.
  if (kept.assistant && (kept.plan.approvals ?? 0) === 0) return
  // At the socket people name themselves, so there the names count too.
  const atServer = kept.askedId === null || approver.id === null
  const named = [approver.name, assistantOf(approver.name)].includes(kept.askedBy)
  if (askers.includes(approver.id) || (atServer && named)) throw itself(kept)
}

export type Approver = Pick<Actor, 'id' | 'name' | 'role' | 'apps' | 'verbs'> & { digest: string }

const lesser = ({ id, app, role }: Kept, { name }: Approver): Failure =>
  new Failure('access.forbidden', `${name} may not approve ${id}`, {
    why: `the change takes the role ${role} in ${app}`,
    fix: 'let somebody with that role approve it',
  })

/** Failure `approval.closed`. */
export function checkOpen(kept: Kept, now: number): void {
  const state = stateOf(kept, now)
  if (state === 'waiting') return
  throw new Failure('approval.closed', `${kept.id} is not waiting any more`, {
    why: {
      begun: 'it has begun',
      refused: `${kept.refusedBy} refused it`,
      expired: 'nobody approved it in time',
    }[state],
    fix: state === 'begun' ? '`inn history` shows the run' : 'ask for the change again',
  })
}

/** Kinds of runs of an app that change nothing that a plan is made from. */
const HARMLESS = new Set([
  ...['backup', 'verify', 'drill', 'replace', 'retire', 'rebuild', 'copy', 'renew', 'ahead'],
])

/** The first run that began since the plan was made, after which it may not fit any more. An app that slept and woke is as it was. */
export function staleBy(runs: ReadonlyArray<{ kind: string; title: string }>): string | null {
  const of = (kind: string) => runs.filter(run => run.kind === kind).length
  const asBefore = of('sleep') === of('wake')
  const fits = (kind: string) => HARMLESS.has(kind) || (asBefore && (kind === 'sleep' || kind === 'wake'))
  return runs.find(({ kind }) => !fits(kind))?.title ?? null
}

const changed = ({ id }: Kept): Failure =>
  new Failure('approval.changed', `${id} has another plan`, {
    why: 'what is approved is the plan that somebody saw, and this is not it',
    fix: `\`inn approvals show ${id}\`, or load the page again`,
  })

const noPerson = (name: string): Failure =>
  new Failure('approval.person', `${name} is a token, and only a person approves`, {
    why: 'an approval says that somebody has looked',
    fix: 'approve in the dashboard',
  })

const itself = ({ id, askedBy }: Kept): Failure =>
  new Failure('approval.own', `${askedBy} asked for ${id}, and cannot approve it`, {
    why: 'somebody else has to look; who asks at the server itself cannot be told from who approves there, and a token asks for who made it',
    fix: 'let somebody else approve it, in the dashboard',
  })

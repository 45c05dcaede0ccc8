import type { Actor } from '../../api/actor.ts'
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
  /** person:ID or token:ID; null: at the unix socket. */
  askedId: string | null
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

/** Refuses whoever may not approve it. `askers`: who asked, and who made the token that asked. */
export function checkApprover(
  kept: Kept,
  approver: Pick<Actor, 'id' | 'name'> & { digest: string },
  { askers, now }: { askers: ReadonlyArray<string | null>; now: number },
): void {
  checkOpen(kept, now)
  if (approver.digest !== kept.digest) throw changed(kept)
  if (approver.id?.startsWith('token:')) throw noPerson(approver.name)
  // At the socket people name themselves, so there the names count too.
  const atServer = kept.askedId === null || approver.id === null
  if (askers.includes(approver.id) || (atServer && approver.name === kept.askedBy)) throw itself(kept)
}

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
const HARMLESS = new Set(['backup', 'verify', 'drill', 'replace', 'retire', 'rebuild', 'copy', 'renew'])

/** The first run that began since the plan was made, after which it may not fit any more. */
export const staleBy = (runs: ReadonlyArray<{ kind: string; title: string }>): string | null =>
  runs.find(({ kind }) => !HARMLESS.has(kind))?.title ?? null

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

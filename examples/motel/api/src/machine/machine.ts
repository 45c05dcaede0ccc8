import { ConflictException, ForbiddenException } from '@nestjs/common'
import type { Role } from '../generated/prisma/enums'

export interface Step<Status extends string> {
  from: Status
  to: Status
  /** Who may take it; a manager may take every step. */
  by: readonly Role[]
  /** The one whom the thing is assigned to may take it too. */
  byAssignee?: boolean
}

export interface Mover {
  role: Role
  isAssignee?: boolean
}

/** Which status may follow which, and who may make it so. Knows nothing of rows. */
export class StatusMachine<Status extends string> {
  constructor(
    private readonly noun: string,
    private readonly steps: ReadonlyArray<Step<Status>>,
  ) {}

  /** What may follow, whoever asks. */
  allowed(from: Status): Status[] {
    return this.steps.filter(step => step.from === from).map(step => step.to)
  }

  /** What this person may make of it. */
  allowedTo(from: Status, mover: Mover): Status[] {
    return this.steps.filter(step => step.from === from && mayTake(step, mover)).map(step => step.to)
  }

  /** Throws 409 with what is allowed, or 403. */
  check(from: Status, to: Status, mover: Mover) {
    const step = this.steps.find(candidate => candidate.from === from && candidate.to === to)
    if (!step) throw this.conflict(from, to)
    if (!mayTake(step, mover))
      throw new ForbiddenException(`As ${mover.role} you may not make this ${this.noun} ${words(to)}.`)
  }

  conflict(from: Status, to: Status): ConflictException {
    const allowed = this.allowed(from)
    const next = allowed.length > 0 ? `It can become ${allowed.map(words).join(' or ')}.` : 'That is its end.'
    return new ConflictException({
      statusCode: 409,
      error: 'Conflict',
      message: `This ${this.noun} is ${words(from)} and cannot become ${words(to)}. ${next}`,
      status: from,
      allowed,
    })
  }
}

const mayTake = <S extends string>(step: Step<S>, mover: Mover) =>
  mover.role === 'manager' || step.by.includes(mover.role) || (step.byAssignee === true && mover.isAssignee === true)

const words = (status: string) => status.replaceAll('_', ' ')

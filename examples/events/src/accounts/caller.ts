import { createParamDecorator, type ExecutionContext, ForbiddenException } from '@nestjs/common'
import type { Request } from 'express'

/** Whose key a request carries: the operator's, or that of an account. */
export type Caller = { admin: true } | { admin: false; accountId: number }

export interface CallerRequest extends Request {
  caller: Caller
}

export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => context.switchToHttp().getRequest<CallerRequest>().caller,
)

/** The admin sees the records of all. */
export const ownedBy = (caller: Caller) => (caller.admin ? {} : { accountId: caller.accountId })

export function accountOf(caller: Caller): number {
  if (caller.admin) throw new ForbiddenException('The admin key is for accounts: use the key of an account here')
  return caller.accountId
}

import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { eq, type SQL } from 'drizzle-orm'
import type { Request } from 'express'
import type { Role } from '../accounts/role.ts'
import { companies } from '../companies/schema.ts'

/** Who asks, as the access token says. */
export interface Caller {
  id: number
  role: Role
  companyId: number | null
}

export interface CallerRequest extends Request {
  caller: Caller
}

export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => context.switchToHttp().getRequest<CallerRequest>().caller,
)

/** Customers see what belongs to their company, the others see everything. */
export const visibleTo = ({ role, companyId }: Caller): SQL | undefined =>
  role === 'customer' ? eq(companies.id, companyId!) : undefined

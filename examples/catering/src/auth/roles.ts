import { SetMetadata } from '@nestjs/common'
import type { Role } from '../accounts/role.ts'

export const ROLES = 'roles'
export const OPEN = 'open'

/** Who may ask. A route that says neither this nor `Open` answers nobody. */
export const Roles = (...allowed: Role[]) => SetMetadata(ROLES, allowed)

/** For those who are not logged in, too. */
export const Open = () => SetMetadata(OPEN, true)

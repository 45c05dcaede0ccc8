import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  SetMetadata,
  UnauthorizedException,
} from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { Config } from '../config.ts'
import { AccountsService } from './accounts.service.ts'
import { sameKey } from './api-key.ts'
import type { Caller, CallerRequest } from './caller.ts'

const ADMIN_ONLY = 'adminOnly'

export const AdminOnly = () => SetMetadata(ADMIN_ONLY, true)

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly config: Config,
    private readonly accounts: AccountsService,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<CallerRequest>()
    request.caller = await this.#callerOf(request.header('x-api-key') ?? '')
    const adminOnly = this.reflector.getAllAndOverride<boolean>(ADMIN_ONLY, [context.getHandler(), context.getClass()])
    if (adminOnly && !request.caller.admin) throw new ForbiddenException('This needs the admin key')
    return true
  }

  async #callerOf(key: string): Promise<Caller> {
    if (!key) throw new UnauthorizedException('Send your API key in the header X-API-Key')
    if (this.config.adminKey && sameKey(key, this.config.adminKey)) return { admin: true }
    const account = await this.accounts.withKey(key)
    if (!account) throw new UnauthorizedException('This API key is not known, or its account is disabled')
    return { admin: false, accountId: account.id }
  }
}

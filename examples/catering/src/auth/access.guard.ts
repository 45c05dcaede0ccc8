import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { Role } from '../accounts/role.ts'
import { AccessTokens } from './access-tokens.service.ts'
import type { Caller, CallerRequest } from './caller.ts'
import { OPEN, ROLES } from './roles.ts'

/** Of all routes. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const said = [context.getHandler(), context.getClass()]
    if (this.reflector.getAllAndOverride<boolean>(OPEN, said)) return true
    const request = context.switchToHttp().getRequest<CallerRequest>()
    request.caller = await this.#callerOf(request.header('authorization') ?? '')
    const allowed = this.reflector.getAllAndOverride<Role[]>(ROLES, said) ?? []
    if (!allowed.includes(request.caller.role))
      throw new ForbiddenException(`This is for ${allowed.join(' and ')}, and you are ${request.caller.role}`)
    return true
  }

  async #callerOf(header: string): Promise<Caller> {
    const [scheme, token] = header.split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || !token)
      throw new UnauthorizedException('Send your access token: Authorization: Bearer …')
    const caller = await this.tokens.read(token)
    if (!caller) throw new UnauthorizedException('This access token has expired, or is none of ours')
    return caller
  }
}

import {
  createParamDecorator,
  ForbiddenException,
  Injectable,
  SetMetadata,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { Request } from 'express'
import type { Role } from '../generated/prisma/enums'
import { Tokens, type Person } from './tokens'

type PersonalRequest = Request & { person?: Person }

/** Open to all; everything else asks for a log-in. */
export const Open = () => SetMetadata('open', true)

/** For these roles, and for managers. */
export const For = (...roles: Role[]) => SetMetadata('roles', roles)

/** Who asks. */
export const Me = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<PersonalRequest>().person
})

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: Tokens,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const of = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()])
    // Socket.IO asks for the log-in once, when a socket connects.
    if (context.getType() !== 'http' || of<boolean>('open')) return true
    const request = context.switchToHttp().getRequest<PersonalRequest>()
    const [scheme, token] = (request.headers.authorization ?? '').split(' ')
    if (scheme !== 'Bearer' || !token) throw new UnauthorizedException('Log in, please.')
    const person = this.tokens.verify(token)
    const roles = of<Role[]>('roles')
    if (roles && person.role !== 'manager' && !roles.includes(person.role))
      throw new ForbiddenException(`This is for ${['managers', ...roles].join(', ')}.`)
    request.person = person
    return true
  }
}

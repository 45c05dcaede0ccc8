import { Injectable, UnauthorizedException } from '@nestjs/common'
import { eq } from 'drizzle-orm'
import { hashPassword, isPassword } from '../accounts/password.ts'
import { type User, users } from '../accounts/schema.ts'
import { UsersService } from '../accounts/users.service.ts'
import { ACCESS_SECONDS, AccessTokens } from './access-tokens.service.ts'
import type { LogIn, Tokens } from './auth.dto.ts'
import { RefreshTokens } from './refresh-tokens.service.ts'

/** Compared with when there is no such person, so that the answer does not come sooner then. */
const nobody = hashPassword('nobody')

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  async logIn({ email, password }: LogIn): Promise<Tokens> {
    const user = await this.users.active(eq(users.email, email))
    const matches = await isPassword(password, user?.passwordHash ?? (await nobody))
    if (!user || !matches) throw new UnauthorizedException('E-mail address or password is wrong')
    return this.#tokens(user, await this.refreshTokens.open(user.id))
  }

  async refresh(token: string): Promise<Tokens> {
    const rotated = await this.refreshTokens.rotate(token)
    // Read anew: the role may have changed since the log-in.
    const user = rotated && (await this.users.active(eq(users.id, rotated.userId)))
    if (!user) throw new UnauthorizedException('This refresh token has expired or was revoked: log in again')
    return this.#tokens(user, rotated.refreshToken)
  }

  logOut(token: string): Promise<void> {
    return this.refreshTokens.revoke(token)
  }

  async me(id: number) {
    const user = await this.users.active(eq(users.id, id))
    if (!user) throw new UnauthorizedException('This account is no longer there')
    const { passwordHash: _, ...shown } = user
    return shown
  }

  #tokens(user: User, refreshToken: string): Tokens {
    return { accessToken: this.accessTokens.for(user), refreshToken, expiresIn: ACCESS_SECONDS }
  }
}

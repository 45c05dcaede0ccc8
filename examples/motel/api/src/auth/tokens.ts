import { Injectable, UnauthorizedException } from '@nestjs/common'
import { JwtService } from '@nestjs/jwt'
import { Config } from '../config/config'
import type { Role } from '../generated/prisma/enums'

export interface Person {
  id: number
  name: string
  role: Role
}

const LIFETIME = '12h'

@Injectable()
export class Tokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly config: Config,
  ) {}

  sign({ id, name, role }: Person): string {
    const secret = this.config.jwtSecrets[0]
    return this.jwt.sign({ name, role }, { secret, subject: String(id), expiresIn: LIFETIME })
  }

  /** Who this token was given to. Throws 401. */
  verify(token: string): Person {
    for (const secret of this.config.jwtSecrets) {
      try {
        const { sub, name, role } = this.jwt.verify<{ sub: string; name: string; role: Role }>(token, { secret })
        return { id: Number(sub), name, role }
      } catch {
        // Signed with another secret, or too old: the next secret decides.
      }
    }
    throw new UnauthorizedException('Log in, please.')
  }
}

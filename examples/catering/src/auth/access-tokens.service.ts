import { Injectable } from '@nestjs/common'
import { JwtService } from '@nestjs/jwt'
import type { User } from '../accounts/schema.ts'
import type { Caller } from './caller.ts'

export const ACCESS_SECONDS = 15 * 60

interface Claims extends Omit<Caller, 'id'> {
  sub: string
}

@Injectable()
export class AccessTokens {
  constructor(private readonly jwt: JwtService) {}

  for({ id, role, companyId }: User): string {
    return this.jwt.sign({ sub: String(id), role, companyId } satisfies Claims)
  }

  /** Undefined when it is not ours, or too old. */
  async read(token: string): Promise<Caller | undefined> {
    try {
      const { sub, role, companyId } = await this.jwt.verifyAsync<Claims>(token)
      return { id: Number(sub), role, companyId }
    } catch {
      return undefined
    }
  }
}

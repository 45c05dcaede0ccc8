import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { Database } from '../database/pool.ts'
import { forbidden, Refusal } from '../http/refusal.ts'
import type { Account, Role } from './account.ts'
import { accountById } from './store.ts'

const COOKIE = 'clinic_login'
const LIFETIME_MS = 12 * 60 * 60 * 1000

/** Who is logged in stands in a signed cookie, so any instance can read it. */
export class LogIns {
  private readonly db: Database
  private readonly secret: string

  constructor(db: Database, secret: string) {
    this.db = db
    this.secret = secret
  }

  open(req: Request, res: Response, account: Account): void {
    const expires = Date.now() + LIFETIME_MS
    const claim = `${account.id}.${expires}`
    res.cookie(COOKIE, `${claim}.${this.sign(claim)}`, { ...attributes(req), expires: new Date(expires) })
  }

  close(req: Request, res: Response): void {
    res.clearCookie(COOKIE, attributes(req))
  }

  /** Takes the header, because a socket's handshake has one too. The account is read anew, it may be closed by now. */
  async account(cookies: string | undefined): Promise<Account | undefined> {
    const value = cookies?.split('; ').find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
    const [id = '', expires = '', signature = ''] = value?.split('.') ?? []
    if (!same(signature, this.sign(`${id}.${expires}`)) || Number(expires) < Date.now()) return undefined
    return accountById(this.db, Number(id))
  }

  required: RequestHandler = async (req, res, next) => {
    const account = await this.account(req.headers.cookie)
    if (!account) throw new Refusal(401, 'not_logged_in', 'Log in first.')
    res.locals.account = account
    next()
  }

  private sign(claim: string): string {
    return createHmac('sha256', this.secret).update(claim).digest('base64url')
  }
}

export const accountOf = (res: Response): Account => res.locals.account as Account

export function only(...roles: Role[]): RequestHandler {
  return (_req, res, next) => {
    if (!roles.includes(accountOf(res).role)) throw forbidden(roles.join(' and '))
    next()
  }
}

const attributes = (req: Request) => ({ httpOnly: true, sameSite: 'lax', secure: req.secure, path: '/' }) as const

function same(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

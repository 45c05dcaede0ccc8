import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import type { Accounts, User } from '../accounts/account.ts'
import { Refusal } from './refusal.ts'

const COOKIE = 'hostel_session'
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000

export class Sessions {
  private readonly accounts: () => Accounts
  private readonly secret: string

  /** `accounts` is asked for each time, because a hybrid storage changes which one is in use. */
  constructor(accounts: () => Accounts, secret: string) {
    this.accounts = accounts
    this.secret = secret
  }

  async open(req: Request, res: Response, user: User): Promise<void> {
    const token = randomBytes(32).toString('hex')
    const expiresAt = new Date(Date.now() + LIFETIME_MS)
    await this.accounts().openSession({ id: stored(token), userId: user.id, expiresAt })
    res.cookie(COOKIE, `${token}.${this.sign(token)}`, { ...this.attributes(req), expires: expiresAt })
  }

  async close(req: Request, res: Response): Promise<void> {
    const token = this.tokenOf(req)
    if (token) await this.accounts().closeSession(stored(token))
    res.clearCookie(COOKIE, this.attributes(req))
  }

  async user(req: Request): Promise<User | undefined> {
    const token = this.tokenOf(req)
    return token ? this.accounts().userOfSession(stored(token), new Date()) : undefined
  }

  required: RequestHandler = async (req, res, next) => {
    const user = await this.user(req)
    if (!user) throw new Refusal(401, 'not_logged_in', 'Log in first.')
    res.locals.user = user
    next()
  }

  private attributes(req: Request) {
    return { httpOnly: true, sameSite: 'lax', secure: req.secure, path: '/' } as const
  }

  private tokenOf(req: Request): string | undefined {
    const pair = req.headers.cookie?.split('; ').find((part) => part.startsWith(`${COOKIE}=`))
    const [token = '', signature = ''] = pair?.slice(COOKIE.length + 1).split('.') ?? []
    const expected = Buffer.from(this.sign(token))
    const given = Buffer.from(signature)
    return expected.length === given.length && timingSafeEqual(expected, given) ? token : undefined
  }

  private sign(token: string): string {
    return createHmac('sha256', this.secret).update(token).digest('hex')
  }
}

/** Who reads the table cannot use what is in it. */
const stored = (token: string) => createHash('sha256').update(token).digest('hex')

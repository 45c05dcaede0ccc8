import { z } from 'zod'
import { ask } from '../keeper/request.ts'

/** Opens a session in this browser. Throws `KeeperError` when it is refused. */
export const signIn = (body: { email: string; password: string }): Promise<unknown> =>
  ask(z.unknown(), '/api/auth/sign-in/email', { body })

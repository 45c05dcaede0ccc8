import assert from 'node:assert/strict'
import { createOTP } from '@better-auth/utils/otp'
import type { Server } from './server.ts'

export const PASSWORD = 'a dozen letters'

/** Adds a person with the command line; resolves with the token in the link. */
export async function invite(server: Server, email: string, ...flags: string[]): Promise<string> {
  const { code, json, text } = await server.inn(['people', 'add', email, ...flags])
  assert.equal(code, 0, text)
  return new URL(String(json['link'])).searchParams.get('token')!
}

/** Sends a POST as a page of the dashboard does. */
export const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(url).origin, ...headers },
    body: JSON.stringify(body),
  })

export const choose = (url: string, token: string, newPassword = PASSWORD): Promise<Response> =>
  post(`${url}/api/auth/reset-password`, { token, newPassword })

export const signIn = (
  url: string,
  email: string,
  password = PASSWORD,
  headers: Record<string, string> = {},
): Promise<Response> => post(`${url}/api/auth/sign-in/email`, { email, password }, headers)

/** Adds a person who chooses a password and signs in; resolves with the headers that the browser sends. */
export async function member(
  server: Server,
  url: string,
  email: string,
  role: string,
  ...flags: string[]
): Promise<{ cookie: string; origin: string }> {
  const chosen = await choose(url, await invite(server, email, '--role', role, ...flags))
  assert.equal(chosen.status, 200, await chosen.text())
  return { cookie: await cookieOf(await signIn(url, email)), origin: url }
}

export async function cookieOf(answer: Response): Promise<string> {
  assert.equal(answer.status, 200, await answer.text())
  return answer.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0]!)
    .join('; ')
}

/** The code that an authenticator app shows now for a key of `otpauth:`. The library's own counting is used. */
export function codeOf(uri: string): Promise<string> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...new URL(uri).searchParams.get('secret')!.replaceAll('=', '')]
    .map(letter => letters.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const secret = bits.match(/.{8}/g)!.map(byte => String.fromCharCode(Number.parseInt(byte, 2)))
  return createOTP(secret.join('')).totp()
}

/** Makes a token with the command line: its id, and the headers that a program sends. */
export async function makeToken(
  server: Server,
  name: string,
  role: string,
  ...flags: string[]
): Promise<{ id: string; headers: { authorization: string } }> {
  const { code, json, text } = await server.inn(['token', 'add', name, '--role', role, ...flags])
  assert.equal(code, 0, text)
  return {
    id: (json['token'] as { id: string }).id,
    headers: { authorization: `Bearer ${String(json['secret'])}` },
  }
}

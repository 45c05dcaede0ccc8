import { randomBytes } from 'node:crypto'
import {
  Done,
  FactorRequest,
  type Passkey,
  PasskeyOptions,
  PasskeyRequest,
  PasskeySignIn,
} from '../../server/src/reach/people/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler, letIn } from './call.ts'
import { PASSWORD } from './world.ts'

const DAY = 86_400

export const passkeys: Passkey[] = [
  {
    ...{ id: 'k1', name: 'Chrome on Android', host: 'inn.example.com' },
    ...{ createdAt: ago(40 * DAY), usedAt: ago(2 * 3_600) },
  },
]
/** Credential → passkey, of those that a browser really made here. */
const made = new Map<string, string>()

const drawn = (bytes: number) => randomBytes(bytes).toString('base64url')

function isRight(call: Call): boolean {
  if (FactorRequest.parse(call.body).password === PASSWORD) return true
  call.res
    .writeHead(400, { 'content-type': 'application/json' })
    .end('{"message":"Invalid password","code":"INVALID_PASSWORD"}')
  return false
}

function begin(call: Call) {
  if (!isRight(call)) return
  const name = 'ada@example.com (box)'
  answer(call, PasskeyOptions, {
    challenge: drawn(32),
    rp: { id: 'localhost', name: 'Innkeeper box' },
    user: { id: drawn(32), name, displayName: 'ada@example.com' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    excludeCredentials: [...made.keys()].map(id => ({ id, type: 'public-key' })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
}

function keep(call: Call) {
  const { name, response } = PasskeyRequest.parse(call.body)
  const id = `k${Date.now()}`
  made.set(response.id, id)
  passkeys.push({ id, name, host: 'localhost', createdAt: ago(0), usedAt: null })
  answer(call, Done, { done: true })
}

function remove(call: Call) {
  if (!isRight(call)) return
  const [id] = call.params
  passkeys.splice(
    passkeys.findIndex(one => one.id === id),
    1,
  )
  answer(call, Done, { done: true })
}

function signIn(call: Call) {
  const { response } = PasskeySignIn.parse(call.body)
  if (passkeys.some(one => one.id === made.get(response.id))) return void letIn(call)
  call.res
    .writeHead(401, { 'content-type': 'application/json' })
    .end('{"message":"Passkey not found","code":"PASSKEY_NOT_FOUND"}')
}

export const passkeyRoutes: ReadonlyArray<[string, RegExp, Handler]> = [
  ['POST', /^\/api\/me\/passkeys\/options$/, begin],
  ['POST', /^\/api\/me\/passkeys$/, keep],
  ['POST', /^\/api\/me\/passkeys\/([^/]+)\/remove$/, remove],
  [
    'POST',
    /^\/api\/auth\/passkey\/generate-authenticate-options$/,
    call =>
      answer(call, PasskeyOptions, { challenge: drawn(32), rpId: 'localhost', userVerification: 'required' }),
  ],
  ['POST', /^\/api\/auth\/passkey\/verify-authentication$/, signIn],
]

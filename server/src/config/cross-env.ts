import type { CrossProblem } from './problem.ts'
import type { ConfigInput } from './schema.ts'

const OURS = /^(?:PORT|INNKEEPER_(?:APP|SERVICE|RELEASE|COLOUR|INSTANCE|SOCKET|APP_TOKEN))$/

/** Refuses values for names that Innkeeper gives: the app would listen where nobody asks, or use another database than the one that is kept. */
export function ownNames(input: ConfigInput): CrossProblem[] {
  const listens = Object.values(input.services).some(s => !s.worker && s.static === undefined)
  return [
    ...taken(input.env, ['env'], input, listens),
    ...Object.entries(input.services).flatMap(([name, service]) =>
      taken(service.env, ['services', name, 'env'], input, !service.worker),
    ),
  ]
}

function taken(
  env: ConfigInput['env'],
  path: readonly string[],
  input: ConfigInput,
  listens: boolean,
): CrossProblem[] {
  const connections = {
    DATABASE_URL: ['database', input.database],
    DIRECT_DATABASE_URL: ['database', input.database?.pooling],
    REDIS_URL: ['redis', input.redis],
  } as const
  return Object.entries(env).flatMap(([name, value]) => {
    const say = (message: string): CrossProblem[] => [{ path: [...path, name], message }]
    if (OURS.test(name) && (listens || name !== 'PORT'))
      return say(
        name === 'PORT'
          ? 'Innkeeper gives it: each instance of each colour has a port of its own. Take it out, and let the app read PORT'
          : 'Innkeeper gives it: take it out',
      )
    const [key, connection] = connections[name as keyof typeof connections] ?? []
    // A part of the connection itself says nothing else than what is given.
    const same = typeof value === 'object' && key !== undefined && key in value
    return connection === undefined || same
      ? []
      : say(`${key}: gives it already, and this would be another one: take one of the two out`)
  })
}

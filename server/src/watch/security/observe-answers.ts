import type { App } from '../../apps/app/app.ts'
import type { AppConfig } from '../../config/config.ts'
import { type Answer, type Answered, nowhereBelow, ORIGIN } from './asked.ts'
import type { Sight } from './outcome.ts'
import type { SecurityPorts } from './ports.ts'
import { EXPOSED, SIGN_IN_PATHS } from './rule-web.ts'

/** Routes of an app that are asked. */
const MOST_ROUTES = 6
/** Questions to one app that are under way at once. */
const AT_ONCE = 4
/** What the edge or the app answers to whom it does not let in. */
const SHUT = [401, 403, 421, 429, 502, 503, 504]

/** Asks an app what visitors may see. Nothing is sent that could change something: no body, no name, no password. */
export async function observeAnswers(
  ports: SecurityPorts,
  app: App,
  { domains, redirects, routes }: AppConfig,
): Promise<Sight<Answered>> {
  // Answers count in the watch of a switch.
  if (ports.changing(app.name)) return { unseen: 'a change of it is under way: ask again after it' }
  if (app.state !== 'running') return { unseen: 'it is stopped' }
  const host = domains.find(name => !name.startsWith('*.') && !(name in redirects)) ?? 'localhost'
  const asking = (paths: readonly string[], methods: ReadonlyArray<Answer['method']> = ['GET']) =>
    paths.flatMap(path => methods.map(method => ({ port: app.port, host, path, method, origin: ORIGIN })))
  const prefixes = [...new Set(['/', ...routes.map(({ prefix }) => prefix)])].slice(0, MOST_ROUTES)
  try {
    const all = (questions: ReturnType<typeof asking>) => inFours(questions, ports.ask)
    const fronts = await all(asking(prefixes))
    if (fronts.every(({ status }) => SHUT.includes(status)))
      return { unseen: `visitors are answered ${fronts[0]!.status}, so what the app itself says is not seen` }
    const exposed = await all(asking(EXPOSED.map(({ path }) => path)))
    if (exposed.some(({ status }) => status === 429))
      return { unseen: 'the app lets nobody ask so much at once (429)' }
    return {
      seen: {
        ...{ fronts, exposed },
        signIns: await all(asking(SIGN_IN_PATHS, ['GET', 'OPTIONS'])),
        nowhere: await all(asking(prefixes.map(nowhereBelow), ['GET', 'OPTIONS'])),
      },
    }
  } catch (error) {
    return { unseen: `it does not answer: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function inFours<Q, A>(questions: readonly Q[], ask: (question: Q) => Promise<A>): Promise<A[]> {
  const answers: A[] = []
  for (let n = 0; n < questions.length; n += AT_ONCE)
    answers.push(...(await Promise.all(questions.slice(n, n + AT_ONCE).map(ask))))
  return answers
}

import { currentRelease } from '../apps/app/app.ts'
import type { OneOff } from '../apps/releases/one-off.ts'
import { givenIn } from '../config/given.ts'
import { Failure } from '../kernel/failure.ts'
import { telling } from '../kernel/output.ts'
import type { CertificatePorts } from '../reach/certificates/ports.ts'
import type { Ground } from './ground.ts'
import { toItsEnd } from './wire-one-off.ts'

/** A provider answers within seconds; one that does not must not hold an order for ever. */
const LONGEST_MS = 5 * 60_000
/** Letters of its output that are kept for the reason of a failure. */
const TAIL = 4_000

/** Changes the zone of an app by the app's own command: as the app, in the folder of its release. */
export const zoneOf =
  ({ apps, releases }: Pick<Ground, 'apps' | 'releases'>, oneOff: OneOff): CertificatePorts['zone'] =>
  async ({ app: name, tls: { dns }, secrets }, change, { record, value }, signal) => {
    const app = await apps.get(name)
    const release = await releases.find(name, currentRelease(app) ?? '')
    if (dns === undefined || release === null) throw unwanted(name)
    const env = Object.entries(dns.env).map(([variable, given]) => [variable, givenIn(given, secrets)])
    const argv = [...dns[change], record, value]
    const order = {
      ...{ app, release, argv, env: Object.fromEntries(env) as Record<string, string> },
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
    }
    const { code, signal: by, said } = await toItsEnd(oneOff, order, { letters: TAIL })
    if (code !== 0) throw failed(argv, `it ended with ${code ?? by}\n${telling(said)}`)
  }

const failed = (argv: readonly string[], why: string): Failure =>
  new Failure('certificate.hook', `${argv[0]} did not change the zone`, {
    why,
    fix: 'try it by hand: `inn run -- COMMAND _acme-challenge.DOMAIN TEXT`; then `inn certs renew APP`',
  })

const unwanted = (app: string): Failure =>
  new Failure('certificate.hook', `${app} names no commands for its zone`, {
    why: 'its `tls:` has changed, or no release of it serves',
    fix: '`inn certs` shows what each app has',
  })

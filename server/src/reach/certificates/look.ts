import { authorityOf } from './account.ts'
import type { Proof } from './authority.ts'
import type { Problem, Wanted } from './certificate.ts'
import type { CertificatePorts } from './ports.ts'
import { isAddress, problemAt, problemOfCaa, proofOf, type Seen, silent } from './rule.ts'

const HTTP = 80
const PATH = '/.well-known/acme-challenge/'

/** Looks at each name as an authority would, before any request to one is spent. Resolves with those that could not be proven. */
export async function lookAt(
  ports: CertificatePorts,
  wanted: Wanted,
  { authority, say }: { authority: string; say(line: string): void },
): Promise<Record<string, Problem>> {
  const about = await authorityOf(ports, wanted, authority)
  const ours = await ports.authorities.caaNames(about)
  // An authority of the own network is one for trials: it asks at whatever port it is told.
  const port = about.root === null ? HTTP : (ports.httpPort ?? HTTP)
  const [token, text] = [ports.random(32), ports.random(32)]
  await ports.edge.answer(token, text)
  try {
    const asked = { port, path: PATH + token, text, ours, say, proof: proofOf(wanted) }
    const all = await Promise.all(
      wanted.names.map(async (name): Promise<Array<[string, Problem]>> => {
        const reason = await problemOf(ports, name, asked)
        return reason === null ? [] : [[name, { reason, looked: true }]]
      }),
    )
    return Object.fromEntries(all.flat())
  } finally {
    await ports.edge.answer(token, null)
  }
}

interface Asked {
  port: number
  path: string
  text: string
  ours: readonly string[]
  proof: Proof['kind']
  say(line: string): void
}

async function problemOf(
  { names, outside }: Pick<CertificatePorts, 'names' | 'outside'>,
  name: string,
  { port, path, text, ours, say, proof }: Asked,
): Promise<string | null> {
  const caa = async () => problemOfCaa(name, isAddress(name) ? null : await names.allowed(name), ours)
  try {
    // Where the proof is a record, the name may lead anywhere.
    if (proof === 'dns') return await caa()
    const addresses = isAddress(name) ? [name] : await names.addresses(name)
    const seen: Seen[] = await Promise.all(
      addresses.map(async address => ({
        address,
        answered: await outside.asked({ address, port, name, path }, text),
      })),
    )
    for (const line of silent(seen))
      say(`${name}: ${line}; whether it is reached from outside, the authority will see`)
    return problemAt(name, seen) ?? (await caa())
  } catch (error) {
    return `the DNS does not answer for ${name}: ${error instanceof Error ? error.message : String(error)}`
  }
}

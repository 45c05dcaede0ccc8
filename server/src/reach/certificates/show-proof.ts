import { showDuration } from '../../kernel/durations.ts'
import { describe } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Ordering, Proof } from './authority.ts'
import type { Wanted } from './certificate.ts'
import type { CertificatePorts, ZoneRecord } from './ports.ts'
import { isVisible } from './rule.ts'

/** How often the name servers are asked for a record that was added. */
const AGAIN_MS = 2_000

interface Showing {
  say(line: string): void
  signal: AbortSignal
}

/** Shows proofs to an authority: texts by the edge, records by the commands of the app. */
export function showProof(
  ports: CertificatePorts,
  wanted: Wanted,
  { say, signal }: Showing,
): Pick<Ordering, 'show' | 'hide'> {
  // Commands of DNS providers read a zone, change it and write it: two at once would lose one change.
  const turn = inTurns()
  const change = (how: 'add' | 'remove', { record, value }: ZoneRecord, until: AbortSignal) =>
    turn(() => ports.zone(wanted, how, { record, value }, until))

  async function showRecord(proof: ZoneRecord): Promise<string | null> {
    try {
      await change('add', proof, signal)
    } catch (error) {
      signal.throwIfAborted()
      const { what, why } = describe(error)
      return `${what}: ${why}`
    }
    say(`waiting until the name servers have ${proof.record}`)
    return appears(ports, proof, { longestMs: wanted.tls.dns?.wait ?? 0, signal })
  }

  return {
    async show(proof: Proof) {
      if (proof.kind === 'dns') return showRecord(proof)
      await ports.edge.answer(proof.token, proof.text)
      return null
    },
    async hide(proof: Proof) {
      if (proof.kind === 'http') return ports.edge.answer(proof.token, null)
      // A run that is cancelled takes its records out all the same. One that stays does no harm.
      await change('remove', proof, new AbortController().signal).catch((error: unknown) => {
        say(`${proof.record} stays in the zone: ${describe(error).what}: ${describe(error).why}`)
      })
    },
  }
}

/** Waits until every name server has a record. Resolves with why it is not to be seen; null: it is. */
async function appears(
  { clock, names }: Pick<CertificatePorts, 'clock' | 'names'>,
  { record, value }: ZoneRecord,
  { longestMs, signal }: { longestMs: number; signal: AbortSignal },
): Promise<string | null> {
  for (const end = clock.now() + longestMs; ; await clock.sleep(AGAIN_MS)) {
    signal.throwIfAborted()
    const answers = await names.texts(record).catch(() => [])
    if (isVisible(answers, value)) return null
    if (clock.now() < end) continue
    const lacking = answers.filter(answer => !(answer?.includes(value) ?? true)).length
    const who =
      answers.length === 0 ? 'no name server answers' : `${lacking} of ${answers.length} name servers lack it`
    return `${record} was added and is not to be seen after ${showDuration(longestMs)}: ${who}; see whether the command changes the right zone, or give it longer by \`tls: { dns: { wait: 10m } }\``
  }
}

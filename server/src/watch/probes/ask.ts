import { unlike } from '../../apps/checks/health.ts'
import type { Clock } from '../../kernel/clock.ts'
import { plain } from '../../kernel/output.ts'
import { count } from '../../kernel/words.ts'
import type { Asker } from './ports.ts'
import type { Probing, Result, Target } from './probe.ts'

const DAY_MS = 86_400_000

/** Asks once. What goes wrong is a result, and never thrown. */
export async function ask(asker: Asker, { target, timeoutMs }: Probing, clock: Clock): Promise<Result> {
  const at = clock.now()
  const started = performance.now()
  const took = () => Math.round(performance.now() - started)
  try {
    const seen = await look(asker, target, { timeoutMs, now: at })
    return { ...seen, said: shown(seen.said), ms: took(), at }
  } catch (error) {
    return { ok: false, said: shown((error as Error).message), ms: took(), at }
  }
}

const LONGEST = 300

/** What others wrote, as part of a sentence. */
const shown = (text: string): string => plain(text).replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST)

type Seen = Pick<Result, 'ok' | 'said' | 'notAfter'>

async function look(
  asker: Asker,
  target: Target,
  { timeoutMs, now }: { timeoutMs: number; now: number },
): Promise<Seen> {
  switch (target.kind) {
    case 'http': {
      const answer = await asker.http(target.url, target.as, timeoutMs)
      const wrong = unlike(answer, target.expected)
      return { ok: wrong === null, said: `it answered ${wrong ?? answer.status}` }
    }
    case 'tcp':
      await asker.tcp(target, timeoutMs)
      return { ok: true, said: 'it accepts connections' }
    case 'postgres':
    case 'redis':
      await asker[target.kind](target.url, timeoutMs)
      return { ok: true, said: `it answers ${target.kind === 'postgres' ? 'select 1' : 'PING'}` }
    case 'command':
      await asker.command(target, timeoutMs)
      return { ok: true, said: 'it ended with 0' }
    case 'certificate': {
      const { notAfter, problem } = await asker.certificate(target, timeoutMs)
      const left = Math.floor((notAfter - now) / DAY_MS)
      const days = left < 0 ? 'it has ended' : `${count(left, 'day')} are left`
      if (problem !== null) return { ok: false, said: `it is not trusted (${problem}); ${days}`, notAfter }
      return { ok: left >= target.days, said: days, notAfter }
    }
  }
}

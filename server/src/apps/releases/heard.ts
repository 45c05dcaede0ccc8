import { plain } from '../../kernel/output.ts'
import type { AppStore } from '../app/store.ts'

/** Who keeps what commands print while something is wrong with their app. */
export interface Witness {
  wanted(app: string): Promise<boolean>
  /** The end of what a command printed. `entry`: its id in the audit log. */
  printed(entry: number, text: string): Promise<void>
}

export interface Heard {
  take(bytes: Buffer): void
  keep(entry: number): Promise<void>
}

const MOST_BYTES = 4_096
/** Shorter values stand in words that are none. */
const LEAST_SECRET = 6

/** Listens to a command's output, for whoever looks back at an incident. null: nothing is wrong with the app now. */
export async function listening(
  { witness, apps }: { witness: Witness; apps: Pick<AppStore, 'secrets'> },
  app: string,
): Promise<Heard | null> {
  if (!(await witness.wanted(app))) return null
  const secrets = Object.values(await apps.secrets(app))
  let end: Buffer = Buffer.alloc(0)
  let cut = false
  return {
    take(bytes) {
      const all = Buffer.concat([end, bytes])
      cut ||= all.length > MOST_BYTES
      end = all.subarray(-MOST_BYTES)
    },
    async keep(entry) {
      const text = masked(plain(end.toString()), secrets).trim()
      if (text !== '') await witness.printed(entry, cut ? `…${text}` : text)
    },
  }
}

const masked = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter(value => value.length >= LEAST_SECRET)
    .sort((a, b) => b.length - a.length)
    .reduce((left, value) => left.replaceAll(value, '***'), text)

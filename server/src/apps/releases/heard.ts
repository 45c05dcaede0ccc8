import { type Hidden, hiding } from '../../kernel/hide.ts'
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

/** Listens to a command's output, for whoever looks back at an incident. null: nothing is wrong with the app now. */
export async function listening(
  { witness, apps }: { witness: Witness; apps: Pick<AppStore, 'secrets'> },
  app: string,
): Promise<Heard | null> {
  if (!(await witness.wanted(app))) return null
  const hide = hiding(hiddenOf(await apps.secrets(app)))
  let end: Buffer = Buffer.alloc(0)
  let cut = false
  return {
    take(bytes) {
      const all = Buffer.concat([end, bytes])
      cut ||= all.length > MOST_BYTES
      end = all.subarray(-MOST_BYTES)
    },
    async keep(entry) {
      const text = hide(plain(end.toString())).trim()
      if (text !== '') await witness.printed(entry, cut ? `…${text}` : text)
    },
  }
}

/** Every secret of an app, by its name, for what its programs print. */
export const hiddenOf = (secrets: Readonly<Record<string, string>>): Hidden =>
  Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, [value]]))

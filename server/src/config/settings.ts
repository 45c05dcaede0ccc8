import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Failure } from '../kernel/failure.ts'

/** settings.json of a home, written once when the home was set up. */
export const Settings = z.strictObject({
  /** The keeper's own port on loopback. */
  apiPort: z.number().int(),
  /** The public port of apps with domains; null: no app is public. */
  httpPort: z.number().int().nullable(),
})
export type Settings = z.infer<typeof Settings>

/** null: this home was never set up. */
export async function readSettings(home: string): Promise<Settings | null> {
  const path = join(home, 'settings.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const parsed = Settings.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Failure('settings.invalid', `${path} cannot be used`, {
    why: parsed.error.issues.map(i => `${i.path.join('.')}: ${i.message}`).join('\n'),
    fix: 'correct it, or remove it and run `inn up`',
  })
}

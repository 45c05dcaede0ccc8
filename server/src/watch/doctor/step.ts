import type { Sentences } from '../../engine/plan.ts'

/** `table`: quoted, with its schema, as the catalog has it. */
export type DoctorStep =
  | { kind: 'database.vacuum'; app: string; table: string }
  | { kind: 'database.tune'; app: string; settings: Readonly<Record<string, string>> }

export const sentences: Sentences<DoctorStep> = {
  'database.vacuum': ({ table }) => `remove dead rows of ${table}, and count it anew`,
  'database.tune': ({ settings }) =>
    `start PostgreSQL anew with ${Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}`)
      .join(', ')}`,
}

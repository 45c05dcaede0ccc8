import type { Sentences } from '../../engine/plan.ts'

/** `table`: quoted, with its schema, as the catalog has it. */
export type DoctorStep = { kind: 'database.vacuum'; app: string; table: string }

export const sentences: Sentences<DoctorStep> = {
  'database.vacuum': ({ table }) => `remove dead rows of ${table}, and count it anew`,
}

import { z } from 'zod'
import { PlainRequest } from '../../engine/wire-change.ts'

/** Asks to restore the PostgreSQL of an app to its last archived moment. */
export const RecoveryRequest = PlainRequest.extend({
  /** Label of the backup to begin from; default: the newest from which the log leads to its end. */
  backup: z.string().max(64).optional(),
})

import { z } from 'zod'
import { duration, sizeFrom } from './fields.ts'
import { maskedCopy } from './masks.ts'

const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

const DAY = 86_400_000

/** How previews are. It is read from what serves, and not from the branch of the preview. */
export const previews = z.strictObject({
  domain: z
    .string()
    .max(200, 'a name is put before it, so 200 letters are the most')
    .regex(HOST_NAME, 'a host name in small letters, as in preview.shop.example.com')
    .optional()
    .describe('A preview NAME answers at NAME.domain; without, on 127.0.0.1 alone'),
  password: z
    .boolean()
    .default(true)
    .describe('Visitors of its domain are asked for a name and a password, which `inn preview list` shows'),
  ttl: duration.default(7 * DAY).describe('Removed with all its data so long after its last deploy'),
  sleep: z
    .union([z.literal(false), duration])
    .default(30 * 60_000)
    .describe('Stopped when nobody asked for so long, and started by the next request; false: never'),
  memory: sizeFrom(64, 'Node.js itself takes')
    .default(512 * 1024 ** 2)
    .describe('Most that a service of a preview may have'),
  most: z.number().int().min(1).max(200).default(10).describe('How many there are of this app at once'),
  database: z
    .union([z.enum(['seed', 'empty']), maskedCopy])
    .default('seed')
    .describe(
      'What its database begins with: what `seed:` fills in, nothing but the migrations, or a masked copy of another environment’s',
    ),
})
export type Previews = z.output<typeof previews>
